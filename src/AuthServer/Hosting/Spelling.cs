namespace AuthServer.Hosting;

/// <summary>Finds the name that a misspelt one stands for.</summary>
internal static class Spelling
{
    // Two wrong, missing or additional letters are a typing error; more make another word.
    private const int MostSlips = 2;

    /// <summary>The nearest of some names, in any case; null if none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        string? nearest = null;
        var most = Math.Min(MostSlips, (word.Length - 1) / 2);
        foreach (var name in names.Where(name => Math.Abs(name.Length - word.Length) <= most))
        {
            if (SlipsBetween(word.ToUpperInvariant(), name.ToUpperInvariant()) is var slips && slips <= most)
            {
                // Of names that are equally near, the first counts.
                (nearest, most) = (name, slips - 1);
            }
        }

        return nearest;
    }

    // The number of letters to insert, remove or replace. Source: Wagner and Fischer, The string-to-string correction problem.
    private static int SlipsBetween(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var j = 1; j < row.Length; j++)
        {
            row[j] = j;
        }

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
