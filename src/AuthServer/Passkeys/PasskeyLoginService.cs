using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Passkeys;

/// <summary>A login by passkey.</summary>
/// <param name="Answer">The answer of the authenticator.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="Wish">The kind of session that the login asks for.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
internal sealed record PasskeyLogin(PasskeyAnswer Answer, string? DeviceName, SessionWish Wish, DeviceToken? Device);

/// <summary>Logs in by passkey. Failed passwords never delay it. Safe to share.</summary>
internal sealed class PasskeyLoginService(
    PasskeyProofService proofs,
    SessionOpeningService sessions,
    TokenPairIssuer tokens,
    DeviceTokenIssuer devices,
    ServerKeys keys,
    TimeProvider clock)
{
    /// <summary>
    /// Begins a login without a user name, or the second step of a login. Refuses with <see
    /// cref="ErrorCode.SecondFactorInvalid"/>.
    /// </summary>
    /// <param name="challenge">The challenge of the first step, as given; null for a login without a user name.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task<Outcome<PasskeyChallenge>> BeginAsync(string? challenge, CancellationToken ct)
    {
        if (challenge is null)
        {
            return await proofs.BeginAsync(PasskeyBinding.LogIn, ct);
        }

        if (SecondFactorChallenge.Open(challenge, ChallengePurpose.LogIn, keys.Root, clock.GetUtcNow()) is not { } opened)
        {
            return ErrorCode.SecondFactorInvalid;
        }

        var begun = await proofs.BeginAsync(new(PasskeyPurpose.SecondFactor, opened.UserId, opened.Id), ct);
        return begun.Refusal is null ? begun : ErrorCode.SecondFactorInvalid;
    }

    /// <summary>
    /// Opens a session. Refuses with <see cref="ErrorCode.InvalidRequest"/>, or as <see
    /// cref="SessionOpeningService.OpenAsync"/> does.
    /// </summary>
    public Task<Outcome<LoggedIn>> LogInAsync(PasskeyLogin login, CancellationToken ct) =>
        sessions.CountAsync(() => TryLogInAsync(login, ct));

    private async Task<Outcome<LoggedIn>> TryLogInAsync(PasskeyLogin login, CancellationToken ct)
    {
        var deviceName = DisplayText.Parse(login.DeviceName, out var problem);
        if (problem is not null)
        {
            return Refusal.OfField("deviceName", problem);
        }

        var client = login.Answer.Client;
        var verified = await proofs.VerifyAsync(login.Answer, PasskeyBinding.LogIn, ct);
        if (verified.Refusal is { } refusal)
        {
            return refusal;
        }

        var use = verified.Value;
        var proof = new AuthenticationProof(use.UserId, use.Methods, clock.GetUtcNow(), use.SecurityStamp);
        var replaces = tokens.SessionOf(login.Wish.Replaced, login.Wish.Kind);
        var session = new NewSession(proof, Rehash: null, deviceName, client, replaces)
        {
            Uses = [use],
            IsNewDevice = login.Device?.UserId != use.UserId,
        };

        // Without an outcome, credentials have changed meanwhile, and the user has to log in again.
        if (await sessions.OpenAsync(session, login.Wish.Kind, ct) is not { } opened
            || opened.Refusal is { Code: ErrorCode.InvalidCredentials })
        {
            return proofs.RefuseUse(use, client);
        }

        if (opened.Refusal is { } refused)
        {
            return refused;
        }

        return new LoggedIn(opened.Value, devices.Issue(login.Device, proof));
    }
}
