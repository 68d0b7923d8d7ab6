using System.Text.RegularExpressions;

namespace AuthServer.Http;

/// <summary>Texts of pages as they are sent: without comments, and without white space that browsers do not need.</summary>
internal static partial class PageText
{
    /// <summary>Makes a text smaller that means the same to browsers.</summary>
    /// <param name="path">The path of its file, whose extension names its language.</param>
    /// <param name="text">The text. Its comments begin lines.</param>
    public static string Compact(string path, string text)
    {
        var lines = Indentation().Replace(Comments().Replace(text, ""), "");
        return Path.GetExtension(path) switch
        {
            ".css" => StyleSpace().Replace(lines, "$1$2"),
            ".js" => ScriptSpace().Replace(lines, match => match.Groups["literal"] is { Success: true } literal
                ? literal.Value
                : match.Groups["mark"].Value),
            _ => lines,
        };
    }

    [GeneratedRegex(@"^[ \t]*(?:/\*(?:(?!\*/)[\s\S])*\*/[ \t\r]*\n?|//[^\n]*\n)", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"^[ \t\r\n]+", RegexOptions.Multiline)]
    private static partial Regex Indentation();

    // A space before a colon is part of a selector.
    [GeneratedRegex(@"\s*([{};,])\s*|(:)[ ]+")]
    private static partial Regex StyleSpace();

    // Other line breaks stay, because some of them end a statement. Spaces beside a plus or a minus stay too.
    [GeneratedRegex("""
        (?<literal>
            '(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*" | `(?:\\.|[^`\\])*`
            | (?<=[(,=:\[!&|?{};][ ]*) / (?![/*]) (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+ /
        )
        | [ ]* (?<mark>[;,{(\[]) [ \n]*
        | [ ]* (?<mark>[=<>!&|?:})\]*%]) [ ]*
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ScriptSpace();
}
