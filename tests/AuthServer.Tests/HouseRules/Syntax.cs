using System.Text.RegularExpressions;

namespace AuthServer.Tests.HouseRules;

/// <summary>Expressions for the syntaxes of the repository. What they match outside of a group <c>prose</c> is skipped.</summary>
internal static partial class Syntax
{
    [GeneratedRegex("""
        (?<raw>"{3,}) [\s\S]*? \k<raw> (?!")
        | (?:@\$?|\$@) "(?:[^"]|"")*"
        | "(?:\\.|[^"\\\n])*"
        | '(?:\\.[^'\n]*|[^'\\\n])'
        | //+ (?<prose>[^\n]*)
        | /\* (?<prose>[\s\S]*?) \*/
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex CSharp { get; }

    // Titles of tests are prose, as names of tests are.
    [GeneratedRegex("""
        (?<=^\s*(?:test|it)\() (?:'(?<prose>(?:\\.|[^'\\\n])*)' | `(?<prose>(?:\\.|[^`\\])*)`)
        | "(?:\\.|[^"\\\n])*"
        | '(?:\\.|[^'\\\n])*'
        | `(?:\\.|[^`\\])*`
        | //+ (?<prose>[^\n]*)
        | /\* (?<prose>[\s\S]*?) \*/
        | (?<=[(,=:\[!&|?{};]\s*) / (?![/*]) (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+ /
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    public static partial Regex Script { get; }

    // Literals of several words are texts for people.
    [GeneratedRegex("""
        '(?<prose>(?=[^'\n]*\x20)(?:\\.|[^'\\\n])*)'
        | '(?:\\.|[^'\\\n])*'
        | `(?:\\.|[^`\\])*`
        | //+ (?<prose>[^\n]*)
        | /\* (?<prose>[\s\S]*?) \*/
        | (?<=[(,=:\[!&|?{};]\s*) / (?![/*]) (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+ /
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex PageScript { get; }

    [GeneratedRegex("""
        /\* (?<prose>[\s\S]*?) \*/ | "[^"\n]*"
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Style { get; }

    [GeneratedRegex("""
        <!-- (?<prose>[\s\S]*?) --> | <style> [\s\S]*? </style> | <[^<>]*> | (?<prose>[^<>]+)
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Page { get; }

    [GeneratedRegex("<!--(?<prose>[\\s\\S]*?)-->")]
    public static partial Regex Markup { get; }

    [GeneratedRegex("""
        ^[ \t]* ``` (?: (?:csharp|cs) \n (?<csharp>[\s\S]*?) | (?:js|javascript) \n (?<script>[\s\S]*?) | [\s\S]*? ) ^[ \t]* ```
        | ^[ \t]* (?:[-*]|\d+\.|\#+) (?=[ \t])
        | \|
        | (?<prose>[^\n|]+)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    public static partial Regex Markdown { get; }

    [GeneratedRegex("^[ \t]*#(?!!)#*(?<prose>[^\n]*)", RegexOptions.Multiline)]
    public static partial Regex Hash { get; }

    [GeneratedRegex("[A-Z][a-zA-Z0-9]*(?:_[a-zA-Z0-9]+){2,}(?=\\()")]
    public static partial Regex TestName { get; }

    [GeneratedRegex("""
        <c>[^<]*</c> | <(?:see|seealso|paramref|typeparamref)\b[^<>]*/> | `[^`]*` | \]\([^)]*\) | https?://[^\s<]+
        | (?<=@[a-z]+[ ]) \{(?:[^{}]|\{[^{}]*\})*\}
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex InlineCode { get; }

    /// <summary>Ends of paragraphs: tags, blank lines, and the line break before a tag of JSDoc.</summary>
    [GeneratedRegex("""
        </?[a-zA-Z][^<>]*> | \n[ \t*]*(?=\n|@[a-z])
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Boundary { get; }

    /// <summary>Expression for the syntax of a file, by the extension of its name.</summary>
    public static Regex Of(string path) => Path.GetExtension(path) switch
    {
        ".cs" => CSharp,
        ".js" when path.Contains("/wwwroot/", StringComparison.Ordinal) => PageScript,
        ".js" or ".mjs" => Script,
        ".css" => Style,
        ".html" => Page,
        ".csproj" or ".props" or ".targets" => Markup,
        ".md" => Markdown,
        _ => Hash,
    };
}
