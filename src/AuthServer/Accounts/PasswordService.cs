using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(
    AccountStore accounts,
    LoginFailureCounter failures,
    PasswordVerifier verifier,
    PasswordHasher hasher,
    PasswordPolicy passwords)
{
    /// <summary>
    /// Changes a user's password and ends the caller's other sessions, or refuses with <see cref="ErrorCode.InvalidRequest"/>,
    /// <see cref="ErrorCode.InvalidCredentials"/> or <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<Unit>> ChangeAsync(
        Guid userId, Guid sessionId, string? currentPassword, string? newPassword, ClientInfo client, CancellationToken ct)
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

        while (await accounts.FindAsync(userId, ct) is { } account)
        {
            var stored = new StoredPassword(account.Id, account.PasswordHash, account.SecurityStamp);
            if (await verifier.VerifyAsync(currentPassword, stored, ct) is not PasswordProved proved)
            {
                failures.Count(account.Id, client);
                return ErrorCode.InvalidCredentials;
            }

            var hash = await hasher.HashNewAsync(
                "newPassword", PasswordPolicy.Normalize(newPassword)!, account.PersonalWords, ct);
            if (hash.Refusal is { } refusal)
            {
                return refusal;
            }

            switch (await accounts.ChangePasswordAsync(new PasswordChange(proved.Proof, sessionId, hash.Value, client), ct))
            {
                case PasswordChanged:
                    return default(Unit);
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

        var hash = await hasher.HashNewAsync("password", PasswordPolicy.Normalize(newPassword)!, account.PersonalWords, ct);
        if (hash.Refusal is { } refusal)
        {
            return refusal;
        }

        return await accounts.SetPasswordAsync(account.Id, hash.Value, ct) ? default(Unit) : ErrorCode.NotFound;
    }
}
