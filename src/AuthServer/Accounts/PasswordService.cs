using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>A request to change the caller's password.</summary>
/// <param name="UserId">The caller.</param>
/// <param name="SessionId">The caller's session.</param>
/// <param name="CurrentPassword">The current password as given.</param>
/// <param name="NewPassword">The new password as given.</param>
/// <param name="RefreshToken">The refresh token that came along; null if there was none.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
internal sealed record PasswordChangeRequest(
    Guid UserId, Guid SessionId, string? CurrentPassword, string? NewPassword, string? RefreshToken, DeviceToken? Device);

/// <summary>A password that was changed.</summary>
/// <param name="Pair">The new tokens of the caller's session; null if no refresh token came along.</param>
/// <param name="DeviceToken">The device token, which takes the place of one from before the change.</param>
internal sealed record ChangedPassword(TokenPair? Pair, string DeviceToken);

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(
    AccountStore accounts,
    LoginThrottleService throttle,
    IEventCounter events,
    PasswordVerifier verifier,
    PasswordHasher hasher,
    PasswordPolicy passwords,
    ServerKeys keys,
    TokenPairIssuer tokens,
    ILogger<PasswordService> log)
{
    /// <summary>
    /// Changes a user's password, ends the caller's other sessions, and replaces the tokens of the caller's session if its
    /// refresh token came along. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see
    /// cref="ErrorCode.InvalidCredentials"/>, <see cref="ErrorCode.TooManyRequests"/>, <see
    /// cref="ErrorCode.TokenMismatch"/>, <see cref="ErrorCode.SessionEnded"/>, or as a refresh does.
    /// </summary>
    public async Task<Outcome<ChangedPassword>> ChangeAsync(
        PasswordChangeRequest request, ClientInfo client, CancellationToken ct)
    {
        if (ProblemOf(request) is { } problem)
        {
            return problem;
        }

        var read = TokenOf(request);
        if (read.Refusal is { } unread)
        {
            return unread;
        }

        var presented = read.Value;

        // The access token came from a login, and so from a known device.
        var caller = new HashCaller(client.IpAddress, IsKnownDevice: true);
        while (await accounts.FindAsync(request.UserId, ct) is { } account)
        {
            var admitted = await throttle.AdmitAsync(account.NormalizedUsername, account, request.Device, client, ct);
            if (admitted.Refusal is { } tooMany)
            {
                return tooMany;
            }

            using var attempt = admitted.Value;
            var stored = new StoredPassword(account.Id, account.PasswordHash, account.SecurityStamp);
            if (await verifier.VerifyAsync(request.CurrentPassword!, stored, caller, ct) is not PasswordProved proved)
            {
                attempt.Fail();
                events.Count(new SecurityEvent(EventKind.PasswordChangeFailed, client, account.Id));
                return ErrorCode.InvalidCredentials;
            }

            attempt.Succeed();
            var hash = await hasher.HashNewAsync(
                "newPassword", PasswordPolicy.Normalize(request.NewPassword!)!, account.PersonalWords, caller, ct);
            if (hash.Refusal is { } refusal)
            {
                return refusal;
            }

            var change = new PasswordChange(proved.Proof, request.SessionId, presented?.Generation, hash.Value, client);
            switch (await accounts.ChangePasswordAsync(change, ct))
            {
                case PasswordChanged changed:
                    LogIfRecovered(presented, changed.Stored);
                    return new ChangedPassword(
                        changed.Grant is { } grant ? tokens.Issue(grant) : null,
                        attempt.IssueToken(account.Id, changed.SecurityStamp));
                case PasswordTokenRefused refused:
                    return RefreshService.RefusalOf(refused.Decision);
                case AskingSessionEnded ended:
                    return new Refusal(ErrorCode.SessionEnded, ended.Reason);
                case PasswordProofVoid:
                    // The credentials changed while the passwords were hashed.
                    continue;
                case var unknown:
                    throw new UnreachableException($"{unknown} is no result of a change.");
            }
        }

        return new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
    }

    /// <summary>
    /// Sets a forgotten password and ends all sessions of the account, or refuses with
    /// <see cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.NotFound"/>.
    /// </summary>
    public async Task<Outcome<Unit>> ResetAsync(Account account, string? newPassword, CancellationToken ct)
    {
        if (newPassword is null || passwords.ProblemOf(newPassword) is not null)
        {
            return Refusal.OfField("password", newPassword is null ? "Is required." : passwords.ProblemOf(newPassword)!);
        }

        var hash = await hasher.HashNewAsync(
            "password", PasswordPolicy.Normalize(newPassword)!, account.PersonalWords, caller: default, ct);
        if (hash.Refusal is { } refusal)
        {
            return refusal;
        }

        return await accounts.SetPasswordAsync(account.Id, hash.Value, ct) ? default(Unit) : ErrorCode.NotFound;
    }

    private Refusal? ProblemOf(PasswordChangeRequest request) => request switch
    {
        { CurrentPassword: null } => Refusal.OfField("currentPassword", "Is required."),
        { NewPassword: null } => Refusal.OfField("newPassword", "Is required."),
        { NewPassword: { } next } => passwords.ProblemOf(next) is { } rule ? Refusal.OfField("newPassword", rule) : null,
    };

    private Outcome<RefreshToken?> TokenOf(PasswordChangeRequest request)
    {
        if (request.RefreshToken is null)
        {
            return (RefreshToken?)null;
        }

        if (!RefreshToken.TryParse(request.RefreshToken, keys.Refresh, out var token))
        {
            return ErrorCode.RefreshTokenInvalid;
        }

        if (token.SessionId != request.SessionId)
        {
            return ErrorCode.TokenMismatch;
        }

        return (RefreshToken?)token;
    }

    private void LogIfRecovered(RefreshToken? presented, uint stored)
    {
        if (presented is { } token && token.Generation > stored)
        {
            log.GenerationRecovered(token.SessionId, stored, token.Generation, token.Generation - stored);
        }
    }
}
