using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>The keys that check signatures of access tokens. Implementations are safe to share between threads.</summary>
public interface IAccessTokenKeys
{
    /// <summary>
    /// Finds the key that a token names. Called once for each token that the program has not checked before.
    /// </summary>
    /// <param name="keyId">The member <c>kid</c> of the token's header, exactly as it stands there.</param>
    /// <returns>The key; null if no key has this id, and then the token is refused.</returns>
    ValueTask<SecurityKey?> FindAsync(string keyId);
}
