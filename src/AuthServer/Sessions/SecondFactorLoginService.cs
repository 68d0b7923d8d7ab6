using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>The second step of a login.</summary>
/// <param name="Challenge">The challenge of the first step, as given.</param>
/// <param name="Code">A code of an authenticator app, or a recovery code, as given.</param>
/// <param name="Kind">The kind of session to open.</param>
/// <param name="Replaced">The refresh token or handle of the cookie that the login replaces; null if it replaces none.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record SecondFactorLogin(
    string? Challenge, string? Code, SessionKind Kind, string? Replaced, DeviceToken? Device, ClientInfo Client);

/// <summary>Completes logins by a second factor. Safe to share.</summary>
internal sealed class SecondFactorLoginService(
    SecondFactorCheck factors,
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

        var now = clock.GetUtcNow();
        if (SecondFactorChallenge.Open(login.Challenge, ChallengePurpose.LogIn, keys.Root, now) is not { } challenge)
        {
            return ErrorCode.SecondFactorInvalid;
        }

        var verified = await factors.VerifyAsync(challenge.UserId, login.Code, login.Client, ct);
        if (verified.Refusal is { } refusal)
        {
            return refusal;
        }

        using var factor = verified.Value;
        var proof = new AuthenticationProof(
            challenge.UserId, challenge.Methods | factor.Methods, now, challenge.SecurityStamp);
        List<ProofUse> uses = [factor.Use, new TokenUse(challenge.Id, challenge.EndsAt, ErrorCode.SecondFactorInvalid)];
        if (challenge.MailId is { } mail)
        {
            uses.Add(new MailUse(mail, ErrorCode.LinkInvalid));
        }

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

        factor.Succeed();
        return new LoggedIn(opened.Value, devices.Issue(login.Device, proof));
    }
}
