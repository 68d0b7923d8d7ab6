using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <content>Second factors: of logins, and of the user.</content>
public sealed partial class AuthServerClient
{
    /// <summary>Opens the session of a login that needs a second factor.</summary>
    /// <param name="step">The result of the login.</param>
    /// <param name="code">A code of the authenticator app, or a recovery code. It works once.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>second_factor_invalid</c> if the code is wrong or the time is over; <c>too_many_requests</c> or another code.
    /// </exception>
    public async Task CompleteLoginAsync(
        SecondFactorNeeded step, string code, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        var body = new SecondStepBody(step.Challenge, code);
        await OpenSessionAsync("login/second-factor", body, ClientJson.Default.SecondStepBody, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Begins to complete a login by a passkey of its account, if <see cref="LoginStep.Methods"/> has <c>passkey</c>.
    /// </summary>
    /// <param name="step">The result of the login.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException"><c>second_factor_invalid</c> if the time is over; or another code.</exception>
    public Task<PasskeyChallenge> BeginPasskeyStepAsync(SecondFactorNeeded step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        return PublicAsync(
            "login/passkey/options",
            new SecondStepBody(step.Challenge, code: null),
            ClientJson.Default.SecondStepBody,
            ClientJson.Default.PasskeyChallenge,
            cancellationToken);
    }

    /// <summary>
    /// Opens the session of a login that needs a second factor, by a passkey. After a refusal the step stays usable.
    /// </summary>
    /// <param name="step">The result of the login.</param>
    /// <param name="state">
    /// <see cref="PasskeyChallenge.State"/> of the challenge, by <see cref="BeginPasskeyStepAsync"/> for the same step.
    /// </param>
    /// <param name="credential">The platform's answer to the options, a JSON object of Web Authentication Level 3.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>second_factor_invalid</c> if the passkey is another account's or the time is over; <c>too_many_sessions</c> or another
    /// code.
    /// </exception>
    public Task CompleteLoginByPasskeyAsync(
        SecondFactorNeeded step, string state, JsonElement credential, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        return OpenSessionAsync(
            "login/second-factor",
            new PasskeyStepBody(step.Challenge, state, credential),
            ClientJson.Default.PasskeyStepBody,
            cancellationToken);
    }

    /// <summary>Makes the secret of an authenticator app that a login has to set up. Show it to the user.</summary>
    /// <param name="step">The result of the login.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException"><c>second_factor_invalid</c> if the time is over; or another code.</exception>
    public Task<TotpSecret> BeginTotpAtLoginAsync(SecondFactorSetupNeeded step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        return PublicAsync(
            "login/second-factor/totp",
            new SecondStepBody(step.Challenge, code: null),
            ClientJson.Default.SecondStepBody,
            ClientJson.Default.TotpSecret,
            cancellationToken);
    }

    /// <summary>Makes an authenticator app count that a login has to set up. Log in again afterwards, by the next code.</summary>
    /// <param name="step">The result of the login.</param>
    /// <param name="code">The first code of the app.</param>
    /// <param name="cancellationToken">Gives up. The app may count all the same.</param>
    /// <returns>Recovery codes, which are shown once.</returns>
    /// <exception cref="AuthServerException"><c>second_factor_invalid</c> or another code.</exception>
    public async Task<IReadOnlyList<string>> ConfirmTotpAtLoginAsync(
        SecondFactorSetupNeeded step, string code, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        var answer = await PublicAsync(
            "login/second-factor/totp/confirm",
            new SecondStepBody(step.Challenge, code),
            ClientJson.Default.SecondStepBody,
            ClientJson.Default.RecoveryCodesBody,
            cancellationToken).ConfigureAwait(false);
        return answer.RecoveryCodes;
    }

    /// <summary>The second factors of the user.</summary>
    public Task<SecondFactorList> GetSecondFactorsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("second-factors", ClientJson.Default.SecondFactorList, cancellationToken);

    /// <summary>
    /// Makes the secret of an authenticator app, which counts once its first code was given. Needs a login or a
    /// reauthentication of the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>invalid_request</c> if there is an app already, or another code.
    /// </exception>
    public Task<TotpSecret> BeginTotpAsync(CancellationToken cancellationToken = default) => PrivateAsync(
        HttpMethod.Post, "second-factors/totp", body: null, ClientJson.Default.TotpSecret, cancellationToken);

    /// <summary>
    /// Makes an authenticator app count by its first code. Logins need a second factor then, and the user's other sessions end.
    /// </summary>
    /// <returns>Recovery codes, which are shown once; none if the user has some already.</returns>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>second_factor_invalid</c> or another code.
    /// </exception>
    public async Task<IReadOnlyList<string>> ConfirmTotpAsync(string code, CancellationToken cancellationToken = default)
    {
        using var body = ClientJson.Body(new SecondStepBody(challenge: null, code), ClientJson.Default.SecondStepBody);
        var answer = await PrivateAsync(
            HttpMethod.Post, "second-factors/totp/confirm", body, ClientJson.Default.RecoveryCodesBody, cancellationToken)
            .ConfigureAwait(false);
        return answer.RecoveryCodes;
    }

    /// <summary>Removes the authenticator app, and ends the user's other sessions.</summary>
    /// <exception cref="AuthServerException"><c>reauthentication_required</c>, <c>not_found</c> or another code.</exception>
    public Task RemoveTotpAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "second-factors/totp", body: null, cancellationToken);

    /// <summary>Switches on or off whether logins of the user need a second factor, and ends the user's other sessions.</summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>invalid_request</c> if there is no factor to rely on, or another code.
    /// </exception>
    public async Task<SecondFactorList> RequireSecondFactorAsync(bool required, CancellationToken cancellationToken = default)
    {
        using var body = ClientJson.Body(new RequiredBody(required), ClientJson.Default.RequiredBody);
        return await PrivateAsync(
            HttpMethod.Patch, "second-factors", body, ClientJson.Default.SecondFactorList, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Replaces the recovery codes, and ends the user's other sessions.</summary>
    /// <returns>The new codes, which are shown once.</returns>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>not_found</c> if there is no other factor, or another code.
    /// </exception>
    public async Task<IReadOnlyList<string>> ReplaceRecoveryCodesAsync(CancellationToken cancellationToken = default)
    {
        var answer = await PrivateAsync(
            HttpMethod.Post,
            "second-factors/recovery-codes",
            body: null,
            ClientJson.Default.RecoveryCodesBody,
            cancellationToken).ConfigureAwait(false);
        return answer.RecoveryCodes;
    }

    private async Task<T> PublicAsync<TBody, T>(
        string path, TBody value, JsonTypeInfo<TBody> bodyShape, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        using var body = ClientJson.Body(value, bodyShape);
        return await server.SendAsync(HttpMethod.Post, path, body, shape, first: null, ct).ConfigureAwait(false);
    }

    private async Task<T> PrivateAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        using var tokens = new AuthServerHandler(this);
        return await server.SendAsync(method, path, body, shape, tokens, ct).ConfigureAwait(false);
    }
}
