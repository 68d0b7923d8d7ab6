using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace AuthServer.Tests.HouseRules;

/// <summary>Rules for documentation, sentences, names and lines.</summary>
internal static partial class TextRules
{
    private const int LongestSentence = 25;
    private const int LongestTestName = 70;
    private const int LongestLine = 130;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AvoidedInNames = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "anybody", "door", "doors", "everybody", "explains", "gate", "gated", "gates", "leisure", "nobody", "patience", "patient",
        "somebody", "tells", "told", "trouble", "troubles", "turn", "turns", "turnstile", "visit", "visited", "visits", "whoever",
        "workbench").GetAlternateLookup<ReadOnlySpan<char>>();

    public static IEnumerable<HouseRule> All { get; } =
    [
        new("documentation", "begin with a noun phrase, a verb in the third person or \"True if\"", FindDocumentation),
        new("long sentence", $"use at most {LongestSentence} words", FindLongSentences),
        new("word in a name", "use the field's terms", FindNames),
        new("sign in in a name", "say LogIn, LogOut, Login or Logout", file => LoginName.Matches(file.Code).Select(Found)),
        new("replaced name", "use the name that replaced it", file => ReplacedName.Matches(file.Code).Select(Found)),
        new("test name", $"use no article and at most {LongestTestName} characters", FindTestNames),
        new("long line", $"use at most {LongestLine} characters", FindLongLines),
    ];

    private static (int Offset, string Excerpt) Found(Capture capture) => (capture.Index, capture.Value);

    private static IEnumerable<(int Offset, string Excerpt)> FindDocumentation(SourceFile file) =>
        DocumentationStart.Matches(file.Text).Select(match => Found(match.Groups["start"]));

    private static IEnumerable<(int Offset, string Excerpt)> FindLongSentences(SourceFile file) =>
        from Match sentence in Sentence.Matches(file.Prose)
        where sentence.Length > 2 * LongestSentence
        let words = Word.Count(sentence.Value)
        where words > LongestSentence
        select (sentence.Index, $"{words} words: {sentence.Value[..40].ReplaceLineEndings(" ")}…");

    private static List<(int Offset, string Excerpt)> FindNames(SourceFile file)
    {
        var found = new List<(int Offset, string Excerpt)>();
        foreach (var match in Name.EnumerateMatches(file.Code))
        {
            var name = file.Code.AsSpan(match.Index, match.Length);
            foreach (var part in NamePart.EnumerateMatches(name))
            {
                if (AvoidedInNames.Contains(name.Slice(part.Index, part.Length)))
                {
                    found.Add((match.Index, name.ToString()));
                }
            }
        }

        return found;
    }

    private static IEnumerable<(int Offset, string Excerpt)> FindTestNames(SourceFile file)
    {
        IEnumerable<Match> declarations = file.Extension switch
        {
            ".cs" => TestMethod.Matches(file.Code),
            ".mjs" => TestTitle.Matches(file.Text),
            _ => [],
        };
        return declarations
            .Select(match => match.Groups["name"])
            .Where(name => name.Length > LongestTestName || Article.IsMatch(name.Value))
            .Select(name => (name.Index, $"{name.Length} characters: {name.Value}"));
    }

    // The build holds the lines of C#. Markdown has tables, whose rows are lines.
    private static IEnumerable<(int Offset, string Excerpt)> FindLongLines(SourceFile file) =>
        file.Extension is ".cs" or ".md"
            ? []
            : LongLine.Matches(file.Text).Select(line => (line.Index, $"{line.Length} characters"));

    [GeneratedRegex("""
        (?: ///[ ]? <(?:summary|param|typeparam|returns|value)\b[^<>]*> (?:\s*///)? \s*
          | /\*\* [\s*]*
          | \*[ ] @(?:param|property|returns)[ ] \{(?:[^{}]|\{[^{}]*\})*\}[ ]
            (?: (?<=@(?:param|property)[^@]*) (?:\[[^\]]*\]|[\w.]+)[ ] )? )
        (?<start>
            (?:What|Who|Whom|Whose|Whoever|Whether|How|Where|Why|When|Which|That|It|They|There|Of|For|As|And|But|Or|If|Then|So)
            \b [^\n]* )
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex DocumentationStart { get; }

    [GeneratedRegex("""
        [\w·] (?: [^\u0001.!?] | [.!?] (?! ["')\]*_]* \s+ (?:\*\s+)? ["'(*_]* [A-Z·] ) )+
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Sentence { get; }

    [GeneratedRegex(@"[\w·][\w·'’./-]*")]
    private static partial Regex Word { get; }

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")]
    private static partial Regex NamePart { get; }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Name { get; }

    [GeneratedRegex(@"(?<![.\w])\w*[Ss]ign(?:ed|s|ing)?_?(?:In|Out|Up|in|out|up)(?![a-z])\w*")]
    private static partial Regex LoginName { get; }

    [GeneratedRegex("""
        \b(?:WriteGate|WriteTurn|BatchedSession|SessionWriter|WriterCommand|IDatabase|ValidatedTokens
            |BearerEvaluator|UserFacts|InTimeAsync|SqliteWatch|PostgresLink|HashingGate)\b
        | \b(?:class|record|struct|interface|enum)[ ](?:SessionEnds|Limits|Done|Rest|\w+Setup)\b
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ReplacedName { get; }

    [GeneratedRegex(@"\[\w*(?:Fact|Theory|Property)\b[\s\S]*?\bpublic\s[^(){};=]*?(?<name>\w+)\(")]
    private static partial Regex TestMethod { get; }

    [GeneratedRegex(@"^ *(?:test|it)\((?<quote>['`])(?<name>.*?)(?<!\\)\k<quote>", RegexOptions.Multiline)]
    private static partial Regex TestTitle { get; }

    [GeneratedRegex("(?<![a-zA-Z0-9])(?:an?|the)(?![a-zA-Z0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Article { get; }

    [GeneratedRegex("^[^\n]{131,}", RegexOptions.Multiline)]
    private static partial Regex LongLine { get; }
}
