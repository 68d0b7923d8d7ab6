namespace AuthServer.Hosting;

/// <summary>Finds the name that a misspelt one stands for.</summary>
internal static class Spelling
{
    // Two wrong, missing or additional letters are a typing error; more make another word.
    private const int MostSlips = 2;

    /// <summary>The nearest of some names, in any case; null if none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> names) => names
        .Where(name => Math.Abs(name.Length - word.Length) <= MostSlips)
        .Select(name => (Name: name, Slips: SlipsBetween(word.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(candidate => candidate.Slips <= Math.Min(MostSlips, (word.Length - 1) / 2))
        .OrderBy(candidate => candidate.Slips)
        .FirstOrDefault().Name;

    // The number of letters to insert, remove or replace. Source: Wagner and Fischer, The string-to-string correction problem.
    private static int SlipsBetween(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            (var diagonal, row[0]) = (row[0], i);
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
