using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>A user name and a password, and what the user calls the device.</summary>
internal sealed record Login(string? Username, string? Password, string? DeviceName);

/// <summary>Opens sessions.</summary>
internal sealed class LoginService(
    AccountStore accounts, SessionStore sessions, SessionCommandQueue writer, PasswordHasher hasher, TokenPairIssuer tokens, AuthMeter meter)
{
    /// <summary>
    /// Opens a session, or refuses with <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.InvalidCredentials"/> or
    /// <see cref="ErrorCode.TooManySessions"/>.
    /// </summary>
    public async Task<Outcome<TokenPair>> LoginAsync(Login login, ClientInfo client, CancellationToken ct)
    {
        try
        {
            var outcome = await TryLoginAsync(login, client, ct);
            meter.LoginAnswered(outcome.Refusal?.Code);
            return outcome;
        }
        catch (Exception exception) when (StorageErrors.IsTransient(exception))
        {
            meter.LoginAnswered(ErrorCode.Unavailable);
            throw;
        }
    }

    private async Task<Outcome<TokenPair>> TryLoginAsync(Login login, ClientInfo client, CancellationToken ct)
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

        while (true)
        {
            var account = Username.Normalize(login.Username) is { } name ? await accounts.FindAsync(name, ct) : null;
            var check = await hasher.CheckAsync(PasswordPolicy.Normalize(login.Password), account?.PasswordHash, ct);
            if (account is null)
            {
                return ErrorCode.InvalidCredentials;
            }

            if (!check.IsRight || account.Disabled)
            {
                writer.CountLoginFailure(account.Id, client);
                return ErrorCode.InvalidCredentials;
            }

            // Hashing took its time: where the password is another by now, what was verified counts for nothing.
            var session = new NewSession(account.Id, account.PasswordHash, check.Rehash, deviceName, client);
            if (await sessions.OpenAsync(session, ct) is { } outcome)
            {
                return outcome.Map(tokens.Issue);
            }
        }
    }
}
