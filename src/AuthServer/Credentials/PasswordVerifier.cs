using AuthServer.Core;

namespace AuthServer.Credentials;

/// <summary>Result of verifying a password: one of the records below.</summary>
internal abstract record PasswordVerification
{
    private protected PasswordVerification()
    {
    }
}

/// <summary>The password is the account's.</summary>
/// <param name="Proof">The proof of identity.</param>
/// <param name="Rehash">The replacement for the stored hash, at the configured work factor; null to leave it.</param>
internal sealed record PasswordProved(AuthenticationProof Proof, string? Rehash) : PasswordVerification;

/// <summary>The password is wrong, or there is none, or no account. All take the same time.</summary>
internal sealed record PasswordWrong : PasswordVerification;

/// <summary>Makes proofs of identity by password. Safe to share.</summary>
internal sealed class PasswordVerifier(PasswordHasher hasher, TimeProvider clock)
{
    /// <summary>Verifies a password.</summary>
    /// <param name="password">The password as given.</param>
    /// <param name="stored">The account's password; null if there is no account, or if it has none.</param>
    /// <param name="caller">The caller, for the order of the queue.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    /// <exception cref="UnavailableException">Too many passwords are waiting.</exception>
    public async Task<PasswordVerification> VerifyAsync(
        string password, StoredPassword? stored, HashCaller caller, CancellationToken ct)
    {
        var check = await hasher.CheckAsync(PasswordPolicy.Normalize(password), stored?.Hash, caller, ct);
        if (stored is null || !check.IsRight)
        {
            return new PasswordWrong();
        }

        var proof = new AuthenticationProof(
            stored.UserId, AuthenticationMethods.Password, clock.GetUtcNow(), stored.SecurityStamp);
        return new PasswordProved(proof, check.Rehash);
    }
}
