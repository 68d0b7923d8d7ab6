using System.Text.RegularExpressions;

namespace AuthServer.Tests.HouseRules;

/// <summary>Separates prose from code, by an expression for each syntax whose group <c>prose</c> captures the prose.</summary>
internal sealed class SourceReader
{
    /// <summary>Stands for a character that is not prose. No sentence goes across it.</summary>
    public const char Cut = '\u0001';

    /// <summary>Stands for a character of inline code, a reference or an address. A run of them counts as one word.</summary>
    public const char InlineCode = '·';

    private readonly string text;
    private readonly char[] prose;
    private readonly char[] code;

    private SourceReader(string text)
    {
        this.text = text;
        prose = text.ToCharArray();
        code = text.ToCharArray();
        Fill(prose, Cut);
    }

    /// <summary>Splits a text into prose and code, each as long as the text.</summary>
    public static (string Prose, string Code) Split(string path, string text)
    {
        var reader = new SourceReader(text);
        reader.Read(Syntax.Of(path), 0, text.Length);
        if (path.EndsWith(".cs", StringComparison.Ordinal))
        {
            reader.ReadTestNames();
        }

        var prose = Syntax.InlineCode.Replace(new string(reader.prose), match => new string(InlineCode, match.Length));
        return (Syntax.Boundary.Replace(prose, match => new string(Cut, match.Length)), new string(reader.code));
    }

    private void Read(Regex syntax, int start, int length)
    {
        for (var match = syntax.Match(text, start, length); match.Success; match = match.NextMatch())
        {
            Fill(code.AsSpan(match.Index, match.Length), ' ');
            foreach (Capture capture in match.Groups["prose"].Captures)
            {
                Fill(prose.AsSpan(match.Index, match.Length), ' ');
                text.CopyTo(capture.Index, prose, capture.Index, capture.Length);
            }

            ReadExample(match.Groups["csharp"], Syntax.CSharp);
            ReadExample(match.Groups["script"], Syntax.Script);
        }
    }

    // Code that a page shows has comments too.
    private void ReadExample(Group example, Regex syntax)
    {
        if (example.Success)
        {
            Read(syntax, example.Index, example.Length);
        }
    }

    private void ReadTestNames()
    {
        foreach (var match in Syntax.TestName.EnumerateMatches(new string(code)))
        {
            text.AsSpan(match.Index, match.Length).Replace(prose.AsSpan(match.Index, match.Length), '_', ' ');
        }
    }

    // White space stays, so that a comment of several lines is one text.
    private static void Fill(Span<char> target, char filler)
    {
        foreach (ref var character in target)
        {
            character = char.IsWhiteSpace(character) ? character : filler;
        }
    }
}
