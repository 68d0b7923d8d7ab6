namespace AuthServer.Hardening.Tests.Forging;

/// <summary>Makes forgeries of tokens of any kind.</summary>
internal static class TokenForge
{
    // More changes than this rarely leave anything of a token.
    private const int MostChanges = 3;

    // A request with a larger body is refused for its size.
    private const int LongestToken = 12_000;

    /// <summary>Makes a number of distinct forgeries, each by one to three changes of a genuine token.</summary>
    public static IReadOnlyList<ForgedText> Forge(
        Material material, IReadOnlyList<Mutator> mutators, int count, Random random)
    {
        var forged = new Dictionary<string, ForgedText>(StringComparer.Ordinal);
        while (forged.Count < count)
        {
            var (token, names) = (material.Genuine, new List<string>());
            for (var change = random.Next(MostChanges); change >= 0; change--)
            {
                var mutator = mutators[random.Next(mutators.Count)];
                token = mutator.Apply(token, material, random);
                names.Add(mutator.Name);
            }

            // White space around a header's value is no part of the value (RFC 9110 §5.5).
            var bare = token.Trim(' ', '\t');
            if (bare.Length is > 0 and < LongestToken && bare != material.Genuine && bare != material.Another)
            {
                forged.TryAdd(token, new ForgedText(string.Join(", then ", names), token));
            }
        }

        return [.. forged.Values];
    }
}
