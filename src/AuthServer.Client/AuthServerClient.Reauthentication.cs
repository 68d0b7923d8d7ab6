using System.Text.Json;

namespace AuthServer.Client;

/// <content>New proofs of who the user is, for requests that need one of the last minutes.</content>
public sealed partial class AuthServerClient
{
    private const string ProofPath = "reauthenticate";

    /// <summary>The proofs that the user can give, to choose one from.</summary>
    public async Task<ReauthenticationOptions> GetReauthenticationOptionsAsync(CancellationToken cancellationToken = default)
    {
        var answer = await PrivateAsync(
            HttpMethod.Post,
            $"{ProofPath}/options",
            body: null,
            ClientJson.Default.ReauthenticationOptionsBody,
            cancellationToken).ConfigureAwait(false);
        return new ReauthenticationOptions(answer);
    }

    /// <summary>
    /// Proves again who the user is. Requests that were refused with <c>reauthentication_required</c> can be sent again. The
    /// tokens of the session are replaced: if the answer is lost, the user has to log in again.
    /// </summary>
    /// <param name="password">The password. It is not kept.</param>
    /// <param name="code">A code of the authenticator app, or a recovery code, if the login needs a second factor.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The result: <see cref="ReauthenticationCodeNeeded"/> if the password is right and a code is missing.
    /// </returns>
    /// <exception cref="AuthServerException">
    /// <c>invalid_credentials</c> if <paramref name="password"/> is wrong; <c>second_factor_invalid</c> or another code.
    /// </exception>
    public Task<ReauthenticationResult> ReauthenticateAsync(
        string password, string? code = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        return ProveAsync(new ReauthenticationProof { Password = password, Code = code }, cancellationToken);
    }

    /// <summary>
    /// Proves again who the user is by a passkey, as <see cref="ReauthenticateAsync"/> does. It counts as two factors, so no code
    /// is needed.
    /// </summary>
    /// <param name="state">
    /// <see cref="PasskeyChallenge.State"/> of <see cref="ReauthenticationOptions.Passkey"/>. It works once, and in this session
    /// alone.
    /// </param>
    /// <param name="credential">The platform's answer to the options, a JSON object of Web Authentication Level 3.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException"><c>invalid_credentials</c> or another code.</exception>
    public Task ReauthenticateByPasskeyAsync(
        string state, JsonElement credential, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return SendProofAsync(new ReauthenticationProof { State = state, Credential = credential }, cancellationToken);
    }

    /// <summary>
    /// Sends a code by mail, for <see cref="ReauthenticateByMailAsync"/>. It counts for ten minutes, in this session alone.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>invalid_request</c> if the user has a password or a passkey, or no verified address; <c>too_many_requests</c> or
    /// another code.
    /// </exception>
    public Task RequestReauthenticationCodeAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"{ProofPath}/mail", body: null, cancellationToken);

    /// <summary>Proves again who the user is by the code of a mail, as <see cref="ReauthenticateAsync"/> does.</summary>
    /// <param name="mailCode">The code of the mail. It stays usable if another code is missing.</param>
    /// <param name="code">A code of the authenticator app, or a recovery code, if the login needs a second factor.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The result, as of <see cref="ReauthenticateAsync"/>.</returns>
    /// <exception cref="AuthServerException">
    /// <c>invalid_credentials</c>, <c>second_factor_invalid</c> or another code.
    /// </exception>
    public Task<ReauthenticationResult> ReauthenticateByMailAsync(
        string mailCode, string? code = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mailCode);
        return ProveAsync(new ReauthenticationProof { MailCode = mailCode, Code = code }, cancellationToken);
    }

    private async Task<ReauthenticationResult> ProveAsync(ReauthenticationProof proof, CancellationToken ct)
    {
        try
        {
            await SendProofAsync(proof, ct).ConfigureAwait(false);
            return new ReauthenticationCompleted();
        }
        catch (AuthServerException refusal) when (refusal.Code == AuthServerErrorCodes.SecondFactorRequired)
        {
            return new ReauthenticationCodeNeeded(refusal.Methods);
        }
    }

    private Task SendProofAsync(ReauthenticationProof proof, CancellationToken ct) => ReplaceTokensAsync(
        ProofPath,
        refreshToken => ClientJson.Body(
            new ReauthenticationBody(proof, refreshToken), ClientJson.Default.ReauthenticationBody),
        ct);
}
