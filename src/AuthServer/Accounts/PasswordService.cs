using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(AccountStore accounts, SessionWriter sessions, PasswordHasher hasher, PasswordPolicy passwords)
{
    /// <summary>
    /// Changes the caller's password and ends the caller's other sessions, or refuses with <see cref="ErrorCode.InvalidRequest"/>,
    /// <see cref="ErrorCode.InvalidCredentials"/> or <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<Done>> ChangeAsync(
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
}
