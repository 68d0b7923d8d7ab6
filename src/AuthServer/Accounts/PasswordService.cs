using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Changes passwords.</summary>
internal sealed class PasswordService(
    AccountStore accounts, CallerProofService callers, PasswordHasher hasher, PasswordPolicy passwords)
{
    /// <summary>
    /// Changes a user's password, ends the caller's other sessions, and replaces the tokens of the caller's session if its
    /// refresh token came along. Refuses with <see cref="ErrorCode.InvalidRequest"/>, or as <see
    /// cref="CallerProofService.ProveAsync"/> does.
    /// </summary>
    /// <param name="caller">The caller, with the current password.</param>
    /// <param name="newPassword">The new password as given.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<ProvedCaller>> ChangeAsync(ProvingCaller caller, string? newPassword, CancellationToken ct)
    {
        if (ProblemOf(caller.Proofs.Password, newPassword) is { } problem)
        {
            return problem;
        }

        return await callers.ProveAsync(caller, EventKind.PasswordChangeFailed, ChangeByProofAsync, ct);

        async Task<Outcome<SessionProofResult>> ChangeByProofAsync(Account account, SessionProof proof)
        {
            var hash = await hasher.HashNewAsync(
                "newPassword", PasswordPolicy.Normalize(newPassword!)!, account.PersonalWords, caller.HashCaller, ct);
            return hash.Refusal is { } refusal ? refusal : await accounts.ChangePasswordAsync(proof, hash.Value, ct);
        }
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

    private Refusal? ProblemOf(string? currentPassword, string? newPassword) => (currentPassword, newPassword) switch
    {
        (null, _) => Refusal.OfField("currentPassword", "Is required."),
        (_, null) => Refusal.OfField("newPassword", "Is required."),
        (_, { } next) => passwords.ProblemOf(next) is { } rule ? Refusal.OfField("newPassword", rule) : null,
    };
}
