using System.Text;
using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A page of the guide, or a section of one.</summary>
/// <param name="Path">The path from the root of the repository.</param>
/// <param name="Text">Markdown.</param>
public sealed partial record GuidePage(string Path, string Text)
{
    /// <summary>Targets of all links and pictures, as they are written: addresses, paths from the page, and anchors.</summary>
    public IEnumerable<string> Links => LinkTarget().Matches(Prose).Select(match => match.Groups[1].Value);

    /// <summary>The names that links can give after <c>#</c>, one for each heading. Source: GitHub's names of headings.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(Prose).Select(match =>
        NoPartOfAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The cells of all tables by row, without the rows of headers and of rules.</summary>
    public IEnumerable<string[]> Rows
    {
        get
        {
            string[] lines = [.. Prose.Split('\n').Where(line => line.StartsWith('|'))];
            return lines
                .Where((line, at) => !IsRule(line) && !(at + 1 < lines.Length && IsRule(lines[at + 1])))
                .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
        }
    }

    // Snippets hold lines that look like headings, links and tables.
    private string Prose => AnySnippet().Replace(Text, "");

    /// <summary>The snippets in a language; those without one for the empty text.</summary>
    public IEnumerable<string> Snippets(string language) => AnySnippet().Matches(Text)
        .Where(match => match.Groups["language"].Value == language)
        .Select(match => match.Groups["content"].Value);

    /// <summary>The section below a heading, up to the next one of the same rank or a higher one.</summary>
    public GuidePage Section(string title)
    {
        var (rank, isSnippet, section) = (0, false, new StringBuilder());
        foreach (var line in Text.Split('\n'))
        {
            isSnippet ^= line.StartsWith("```", StringComparison.Ordinal);
            var lineRank = isSnippet ? 0 : line.TakeWhile(character => character == '#').Count();
            if (rank == 0)
            {
                rank = line == $"{new string('#', lineRank)} {title}" ? lineRank : 0;
                continue;
            }

            if (lineRank > 0 && lineRank <= rank)
            {
                break;
            }

            section.Append(line).Append('\n');
        }

        Assert.True(rank > 0, $"{Path} has no section \"{title}\".");
        return this with { Text = section.ToString() };
    }

    private static bool IsRule(string line) => line.StartsWith("|--", StringComparison.Ordinal);

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<content>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AnySnippet();

    [GeneratedRegex(@"(?:\[[^\]]*\]\(|src(?:set)?="")([^)""\s]+)[)""]")]
    private static partial Regex LinkTarget();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoPartOfAnchor();
}
