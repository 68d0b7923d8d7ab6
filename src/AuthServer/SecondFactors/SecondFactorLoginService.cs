using AuthServer.Core;
using AuthServer.Passkeys;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.SecondFactors;

/// <summary>The second step of a login.</summary>
/// <param name="Challenge">The challenge of the first step, as given.</param>
/// <param name="Code">A code of an authenticator app, or a recovery code, as given; null if there was none.</param>
/// <param name="Passkey">The answer of a passkey; null if there was none.</param>
/// <param name="Kind">The kind of session to open.</param>
/// <param name="Replaced">The refresh token or handle of the cookie that the login replaces; null if it replaces none.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record SecondFactorLogin(
    string? Challenge,
    string? Code,
    PasskeyAnswer? Passkey,
    SessionKind Kind,
    string? Replaced,
    DeviceToken? Device,
    ClientInfo Client);

/// <summary>Completes logins by a second factor. Safe to share.</summary>
internal sealed class SecondFactorLoginService(
    SecondFactorStore store,
    SecondFactorCheck factors,
    PasskeyProofService passkeys,
    SessionOpeningService sessions,
    TokenPairIssuer tokens,
    DeviceTokenIssuer devices,
    ServerKeys keys,
    TimeProvider clock)
{
    /// <summary>
    /// Opens the session that a challenge is for. Refuses with <see cref="ErrorCode.SecondFactorInvalid"/>, or as <see
    /// cref="SecondFactorCheck.VerifyAsync"/> and <see cref="SessionOpeningService.OpenAsync"/> do.
    /// </summary>
    public Task<Outcome<LoggedIn>> LogInAsync(SecondFactorLogin login, CancellationToken ct) =>
        sessions.CountAsync(() => TryLogInAsync(login, ct));

    private async Task<Outcome<LoggedIn>> TryLogInAsync(SecondFactorLogin login, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(login.Challenge))
        {
            return Refusal.OfField("challenge", "Is required.");
        }

        if (SecondFactorChallenge.Open(login.Challenge, ChallengePurpose.LogIn, keys.Root, clock.GetUtcNow())
            is not { } challenge)
        {
            return ErrorCode.SecondFactorInvalid;
        }

        // Whatever follows would count against the account.
        if (!await store.CountsAsync(challenge, ct))
        {
            return ErrorCode.SecondFactorInvalid;
        }

        if (login.Passkey is { } answer)
        {
            return await OpenByPasskeyAsync(login, challenge, answer, ct);
        }

        var known = login.Device?.IsOf(challenge.UserId, challenge.SecurityStamp, keys.Devices) is true ? login.Device : null;
        var verified = await factors.VerifyAsync(challenge.UserId, login.Code, known, login.Client, ct);
        if (verified.Refusal is { } refusal)
        {
            return refusal;
        }

        using var factor = verified.Value;
        var outcome = await OpenAsync(login, challenge, factor.Methods, factor.Use, ct);
        if (outcome.Refusal is null)
        {
            factor.Succeed();
        }

        return outcome;
    }

    // It can't be guessed, so it is neither counted nor delayed.
    private async Task<Outcome<LoggedIn>> OpenByPasskeyAsync(
        SecondFactorLogin login, SecondFactorChallenge challenge, PasskeyAnswer answer, CancellationToken ct)
    {
        var binding = new PasskeyBinding(PasskeyPurpose.SecondFactor, challenge.UserId, challenge.Id);
        var verified = await passkeys.VerifyAsync(answer, binding, ct);
        return verified.Refusal switch
        {
            null => await OpenAsync(login, challenge, verified.Value.Methods, verified.Value, ct),
            { Code: ErrorCode.InvalidCredentials } => ErrorCode.SecondFactorInvalid,
            var refusal => refusal,
        };
    }

    private async Task<Outcome<LoggedIn>> OpenAsync(
        SecondFactorLogin login,
        SecondFactorChallenge challenge,
        AuthenticationMethods methods,
        ProofUse use,
        CancellationToken ct)
    {
        var proof = new AuthenticationProof(
            challenge.UserId, challenge.Methods | methods, clock.GetUtcNow(), challenge.SecurityStamp);

        // The code last, because a refusal of one before it leaves it usable.
        List<ProofUse> uses = [new TokenUse(challenge.Id, challenge.EndsAt, ErrorCode.SecondFactorInvalid)];
        if (challenge.MailId is { } mail)
        {
            uses.Add(new MailUse(mail, ErrorCode.LinkInvalid));
        }

        uses.Add(use);

        var replaces = tokens.SessionOf(login.Replaced, login.Kind);
        var session = new NewSession(proof, Rehash: null, challenge.DeviceName, login.Client, replaces)
        {
            Uses = uses,
            IsNewDevice = login.Device?.UserId != challenge.UserId,
        };
        var opened = await sessions.OpenAsync(session, login.Kind, ct);
        if (opened is null || opened.Refusal is { Code: ErrorCode.InvalidCredentials })
        {
            return ErrorCode.SecondFactorInvalid;
        }

        if (opened.Refusal is { } refused)
        {
            return refused;
        }

        return new LoggedIn(opened.Value, devices.Issue(login.Device, proof));
    }
}
