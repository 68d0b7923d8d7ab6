using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>A login by password.</summary>
/// <param name="Username">The user name as given.</param>
/// <param name="Password">The password as given.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="Kind">The kind of session to open.</param>
/// <param name="Replaced">The refresh token or handle of the cookie that the login replaces; null if it replaces none.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
internal sealed record Login(
    string? Username, string? Password, string? DeviceName, SessionKind Kind, string? Replaced, DeviceToken? Device);

/// <summary>A session that a login has opened.</summary>
/// <param name="Pair">Its first tokens, or its handle.</param>
/// <param name="DeviceToken">The device token for later logins.</param>
internal sealed record LoggedIn(TokenPair Pair, string DeviceToken);

/// <summary>Logs in by password.</summary>
internal sealed class LoginService(
    AccountStore accounts,
    SessionOpeningService sessions,
    LoginThrottleService throttle,
    IEventCounter events,
    PasswordVerifier passwords,
    TokenPairIssuer tokens)
{
    /// <summary>
    /// Opens a session, or refuses with <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.TooManyRequests"/>, or as
    /// <see cref="SessionOpeningService.OpenAsync"/> does. The session of a genuine <see
    /// cref="Login.Replaced"/> ends with the opening.
    /// </summary>
    public Task<Outcome<LoggedIn>> LoginAsync(Login login, ClientInfo client, CancellationToken ct) =>
        sessions.CountAsync(() => TryLoginAsync(login, client, ct));

    private async Task<Outcome<LoggedIn>> TryLoginAsync(Login login, ClientInfo client, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(login.Username))
        {
            return Refusal.OfField("username", "Is required.");
        }

        if (string.IsNullOrEmpty(login.Password))
        {
            return Refusal.OfField("password", "Is required.");
        }

        var deviceName = DisplayText.Parse(login.DeviceName, out var deviceProblem);
        if (deviceProblem is not null)
        {
            return Refusal.OfField("deviceName", deviceProblem);
        }

        // No name begins or ends with a space, and keyboards of phones add one.
        var given = login.Username.Trim();
        var name = Username.Normalize(given);
        var account = await FindAsync(name, ct);

        // An account may be named by its verified address too, and its failures count together.
        var counted = account?.NormalizedUsername ?? name ?? given;
        var admitted = await throttle.AdmitAsync(counted, account, login.Device, client, ct);
        if (admitted.Refusal is { } refusal)
        {
            return refusal;
        }

        using var attempt = admitted.Value;
        var replaces = tokens.SessionOf(login.Replaced, login.Kind);
        while (true)
        {
            var verification = await passwords.VerifyAsync(login.Password, account?.Password, attempt.Caller, ct);
            if (account is null || verification is not PasswordProved proved || account.Disabled)
            {
                attempt.Fail();
                events.Count(new SecurityEvent(EventKind.LoginFailed, client, account?.Id));
                return ErrorCode.InvalidCredentials;
            }

            var rehash = proved.Rehash is { } hash ? new PasswordRehash(account.PasswordHash!, hash) : null;
            var session = new NewSession(proved.Proof, rehash, deviceName, client, replaces)
            {
                // A change of the address makes device tokens void, and is no other device.
                IsNewDevice = login.Device?.UserId != account.Id,
            };
            if (await sessions.OpenAsync(session, login.Kind, ct) is not { } opened)
            {
                // The credentials changed while the password was hashed.
                account = await FindAsync(name, ct);
                continue;
            }

            if (opened.Refusal is { } refused)
            {
                if (refused.Code is ErrorCode.EmailUnverified)
                {
                    events.Count(new SecurityEvent(EventKind.LoginFailed, client, account.Id));
                }

                return refused;
            }

            attempt.Succeed();
            return new LoggedIn(opened.Value, attempt.IssueToken(account.Id, proved.Proof.SecurityStamp));
        }
    }

    private async Task<Account?> FindAsync(string? name, CancellationToken ct) =>
        name is null ? null : await accounts.FindAsync(name, ct);
}
