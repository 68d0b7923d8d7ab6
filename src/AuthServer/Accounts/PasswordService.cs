using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(AccountStore accounts, SessionCommandQueue sessions, PasswordHasher hasher, PasswordPolicy passwords)
{
    /// <summary>
    /// Changes the caller's password and ends the caller's other sessions, or refuses with <see cref="ErrorCode.InvalidRequest"/>,
    /// <see cref="ErrorCode.InvalidCredentials"/> or <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<Unit>> ChangeAsync(
        Caller caller, string? currentPassword, string? newPassword, ClientInfo client, CancellationToken ct)
    {
        if (currentPassword is null)
        {
            return Refusal.OfField("currentPassword", "Is required.");
        }

        if (newPassword is null)
        {
            return Refusal.OfField("newPassword", "Is required.");
        }

        if (passwords.ProblemOf(newPassword) is { } lengthProblem)
        {
            return Refusal.OfField("newPassword", lengthProblem);
        }

        while (await accounts.FindAsync(caller.UserId, ct) is { } account)
        {
            var check = await hasher.CheckAsync(PasswordPolicy.Normalize(currentPassword), account.PasswordHash, ct);
            if (!check.IsRight)
            {
                sessions.CountLoginFailure(account.Id, client);
                return ErrorCode.InvalidCredentials;
            }

            var (hash, problem) = await hasher.HashNewAsync(PasswordPolicy.Normalize(newPassword)!, account.PersonalWords, ct);
            if (hash is null)
            {
                return Refusal.OfField("newPassword", problem!);
            }

            var change = new PasswordChange(account.Id, caller.SessionId, account.PasswordHash, hash, client);
            if (await accounts.ChangePasswordAsync(change, ct) is { } outcome)
            {
                return outcome;
            }
        }

        return new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
    }

    /// <summary>
    /// Sets a password that its user has forgotten and ends all sessions of the account, or refuses with
    /// <see cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.NotFound"/>.
    /// </summary>
    public async Task<Refusal?> ResetAsync(Account account, string? newPassword, CancellationToken ct)
    {
        if (newPassword is null || passwords.ProblemOf(newPassword) is not null)
        {
            return Refusal.OfField("password", newPassword is null ? "Is required." : passwords.ProblemOf(newPassword)!);
        }

        var (hash, problem) = await hasher.HashNewAsync(PasswordPolicy.Normalize(newPassword)!, account.PersonalWords, ct);
        return hash is null ? Refusal.OfField("password", problem!)
            : await accounts.SetPasswordAsync(account.Id, hash, ct) ? null
            : new Refusal(ErrorCode.NotFound);
    }
}
