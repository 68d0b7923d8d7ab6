using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(
    AccountStore accounts, CallerProofService callers, PasswordHasher hasher, PasswordPolicy passwords)
{
    private const string Field = "newPassword";

    /// <summary>
    /// Changes a user's password, or sets the first one of an account that has none. It ends the caller's other sessions, and
    /// replaces the tokens of the caller's session if its refresh token came along. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.ReauthenticationRequired"/>, or as <see
    /// cref="CallerProofService.ProveAsync"/> does.
    /// </summary>
    /// <param name="caller">The caller, with the current password; or for the first one with the state of the session.</param>
    /// <param name="newPassword">The new password as given.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<ProvedCaller>> ChangeAsync(ProvingCaller caller, string? newPassword, CancellationToken ct)
    {
        var isFirst = caller.Proofs.Password is null;
        if (isFirst && await accounts.FindAsync(caller.UserId, ct) is { Password: not null })
        {
            return CurrentIsRequired();
        }

        if (passwords.ProblemOf(newPassword) is { } problem)
        {
            return Refusal.OfField(Field, problem);
        }

        if (isFirst && !caller.Proofs.IsFresh)
        {
            return ErrorCode.ReauthenticationRequired;
        }

        return await callers.ProveAsync(caller, EventKind.PasswordChangeFailed, ChangeByProofAsync, ct);

        async Task<Outcome<SessionProofResult>> ChangeByProofAsync(Account account, SessionProof proof)
        {
            if (isFirst && account.Password is not null)
            {
                return CurrentIsRequired();
            }

            var hash = await hasher.HashNewAsync(Field, newPassword!, account.PersonalWords, caller.HashCaller, ct);
            return hash.Refusal is { } refusal ? refusal : await accounts.ChangePasswordAsync(proof, hash.Value, ct);
        }
    }

    /// <summary>
    /// Sets a forgotten password and ends all sessions of the account, or refuses with
    /// <see cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.NotFound"/>.
    /// </summary>
    public async Task<Outcome<Unit>> ResetAsync(Account account, string? newPassword, CancellationToken ct)
    {
        if (passwords.ProblemOf(newPassword) is { } problem)
        {
            return Refusal.OfField("password", problem);
        }

        var hash = await hasher.HashNewAsync("password", newPassword!, account.PersonalWords, caller: default, ct);
        if (hash.Refusal is { } refusal)
        {
            return refusal;
        }

        return await accounts.SetPasswordAsync(account.Id, hash.Value, ct) ? default(Unit) : ErrorCode.NotFound;
    }

    private static Refusal CurrentIsRequired() => Refusal.OfField("currentPassword", "Is required.");
}
