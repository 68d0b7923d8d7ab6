using Microsoft.Extensions.Options;

namespace AuthServer.Bearer;

/// <summary>
/// Access tokens that this program has signed itself, so that it need not verify their signatures. Their contents are still
/// checked. Safe to share.
/// </summary>
internal sealed class IssuedTokenCache(IOptions<AuthServerBearerOptions> options, TimeProvider clock)
    : TokenCache<object>(options.Value.AccessLifetime, clock)
{
    private static readonly object Issued = new();

    /// <summary>Remembers a token. Only worth it if a verification takes longer than a lookup.</summary>
    public void Add(string text) => Add(text, Issued);
}
