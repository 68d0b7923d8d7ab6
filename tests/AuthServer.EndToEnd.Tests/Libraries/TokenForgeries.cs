using System.Text.Json;
using AuthServer.Hardening.Tests.Forging;

namespace AuthServer.EndToEnd.Tests.Libraries;

/// <summary>Forgeries of access tokens by a forger who has genuine tokens and the public key.</summary>
internal static class TokenForgeries
{
    private const int Count = 900;
    private const int Seed = 7515;

    /// <summary>Makes forgeries that a request can carry in a header.</summary>
    /// <param name="http">The server that issued the tokens.</param>
    /// <param name="genuine">A genuine token.</param>
    /// <param name="another">A genuine token of another user.</param>
    /// <param name="refreshToken">A refresh token.</param>
    public static async Task<IReadOnlyList<ForgedText>> ForgeAsync(
        HttpClient http, string genuine, string another, string refreshToken)
    {
        using var keys = JsonDocument.Parse(
            await http.GetStringAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken));
        using var publicKey = new PublicKeyMutators(Assert.Single(keys.RootElement.GetProperty("keys").EnumerateArray()));
        var material = new Material(genuine, another, refreshToken);
        Mutator[] mutators = [.. TextMutators.All, .. JwtMutators.All, .. publicKey.All];
        var random = new Random(Seed);
        var forged = new Dictionary<string, ForgedText>(StringComparer.Ordinal);
        while (forged.Count < Count)
        {
            foreach (var forgery in TokenForge.Forge(material, mutators, Count, random)
                .Where(forgery => forgery.Token.All(letter => letter is >= ' ' and <= '~')))
            {
                forged.TryAdd(forgery.Token, forgery);
            }
        }

        return [.. forged.Values.Take(Count)];
    }

    /// <summary>
    /// True if a forgery is the genuine token with its signature in another spelling: with padding, white space, spare bits or
    /// characters of base64. Many decoders accept these. Source: RFC 4648 §3.
    /// </summary>
    public static bool IsRespelled(string forgery, string genuine)
    {
        var signature = genuine.LastIndexOf('.') + 1;
        return forgery.StartsWith(genuine[..signature], StringComparison.Ordinal)
            && BytesOf(forgery[signature..]) is { } bytes
            && bytes.AsSpan().SequenceEqual(BytesOf(genuine[signature..]));
    }

    // White space is skipped, and spare bits too.
    private static byte[]? BytesOf(string text)
    {
        var bare = string.Concat(text.Where(letter => letter is not (' ' or '=')))
            .Replace('-', '+').Replace('_', '/');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(bare.PadRight((bare.Length + 3) / 4 * 4, '='), bytes, out var length)
            ? bytes[..length]
            : null;
    }
}
