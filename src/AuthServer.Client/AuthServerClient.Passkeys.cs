using System.Text.Json;

namespace AuthServer.Client;

/// <content>Passkeys, for programs with an API of the platform for them.</content>
public sealed partial class AuthServerClient
{
    /// <summary>
    /// Begins to add a passkey to the account. Needs a login or <see cref="ReauthenticateAsync"/> of the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>invalid_request</c> if the account may have no more of them, or another code.
    /// </exception>
    public async Task<PasskeyChallenge> BeginPasskeyAsync(CancellationToken cancellationToken = default)
    {
        using var tokens = new AuthServerHandler(this);
        return await server
            .SendAsync(
                HttpMethod.Post,
                "passkeys/options",
                body: null,
                ClientJson.Default.PasskeyChallenge,
                tokens,
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Adds a passkey to the account, and ends the user's other sessions. Needs a login or <see cref="ReauthenticateAsync"/> of
    /// the last minutes.
    /// </summary>
    /// <param name="state"><see cref="PasskeyChallenge.State"/> of the challenge.</param>
    /// <param name="credential">The platform's answer to the options, a JSON object of Web Authentication Level 3.</param>
    /// <param name="name">The user's name for it; null for one by the user agent.</param>
    /// <param name="cancellationToken">Gives up. The passkey may have been added all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>invalid_request</c> or another code.
    /// </exception>
    public async Task<Passkey> AddPasskeyAsync(
        string state, JsonElement credential, string? name = null, CancellationToken cancellationToken = default)
    {
        using var tokens = new AuthServerHandler(this);
        using var body = ClientJson.Body(new PasskeyBody(state, credential, name), ClientJson.Default.PasskeyBody);
        return await server
            .SendAsync(HttpMethod.Post, "passkeys", body, ClientJson.Default.Passkey, tokens, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Gives a passkey of the user another name, up to 64 characters.</summary>
    /// <exception cref="AuthServerException"><c>not_found</c>, <c>invalid_request</c> or another code.</exception>
    public async Task RenamePasskeyAsync(Guid passkeyId, string name, CancellationToken cancellationToken = default)
    {
        using var body = ClientJson.Body(new PasskeyNameBody(name), ClientJson.Default.PasskeyNameBody);
        await SendAsync(HttpMethod.Patch, $"passkeys/{passkeyId}", body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a passkey of the user, and ends the user's other sessions. Needs a login or <see cref="ReauthenticateAsync"/> of
    /// the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>last_credential</c>, <c>not_found</c> or another code.
    /// </exception>
    public Task RemovePasskeyAsync(Guid passkeyId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"passkeys/{passkeyId}", body: null, cancellationToken);

    /// <summary>Begins a login by passkey, without a user name.</summary>
    /// <exception cref="AuthServerException"><c>too_many_requests</c> or another code.</exception>
    public Task<PasskeyChallenge> BeginPasskeyLoginAsync(CancellationToken cancellationToken = default) => server.SendAsync(
        HttpMethod.Post,
        "login/passkey/options",
        body: null,
        ClientJson.Default.PasskeyChallenge,
        first: null,
        cancellationToken);

    /// <summary>
    /// Logs in by a passkey. The new session takes the place of any other here; that one stays alive at the server, so log out
    /// first.
    /// </summary>
    /// <param name="state"><see cref="PasskeyChallenge.State"/> of the challenge.</param>
    /// <param name="credential">The platform's answer to the options, a JSON object of Web Authentication Level 3.</param>
    /// <param name="deviceName">The name of this device in the list of sessions; up to 64 characters.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>invalid_credentials</c>, <c>too_many_sessions</c> or another code.
    /// </exception>
    public Task LoginByPasskeyAsync(
        string state, JsonElement credential, string? deviceName = null, CancellationToken cancellationToken = default) =>
        OpenSessionAsync(
            "login/passkey",
            new PasskeyLoginBody(state, credential, deviceName),
            ClientJson.Default.PasskeyLoginBody,
            cancellationToken);
}
