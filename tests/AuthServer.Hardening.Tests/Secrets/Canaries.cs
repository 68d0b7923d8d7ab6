using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;

namespace AuthServer.Hardening.Tests.Secrets;

/// <summary>Distinct random texts, by which data is recognized in any place that it reaches.</summary>
internal sealed partial class Canaries(Random random)
{
    private const int Length = 24;

    // Long enough not to occur by chance, and without characters that a format escapes.
    private const int ShortestPart = 12;

    private readonly Dictionary<string, string[]> forms = [];

    /// <summary>Makes a text.</summary>
    public string New(string name) => Add(name, new(random.GetItems<char>("abcdefghjkmnpqrstuvwxyz23456789", Length)));

    /// <summary>Adds a text that the server has made. Returns the text.</summary>
    public string Add(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        string[] spellings = [text, Convert.ToBase64String(bytes), Base64Url.EncodeToString(bytes), Convert.ToHexString(bytes)];

        // Of each form the longest part that JSON, URLs and headers write as it is.
        forms[name] =
        [
            .. spellings.Select(spelling => Part().Matches(spelling).Select(part => part.Value).MaxBy(part => part.Length)!)
                .Where(part => part.Length >= ShortestPart).Distinct(),
        ];
        Assert.NotEmpty(forms[name]);
        return text;
    }

    /// <summary>Names of the texts that occur in a place, in any of their forms.</summary>
    public IEnumerable<string> FoundIn(string place) => forms
        .Where(text => text.Value.Any(form => place.Contains(form, StringComparison.OrdinalIgnoreCase)))
        .Select(text => text.Key);

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Part();
}
