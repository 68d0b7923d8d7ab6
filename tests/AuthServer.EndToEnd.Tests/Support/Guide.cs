using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The guide: <c>README.md</c> and the pages of <c>src/docs</c>, which link to one another.</summary>
public static partial class Guide
{
    /// <summary>The page that the repository opens with.</summary>
    public const string FrontPage = "README.md";

    /// <summary>The paths of all pages, from the root of the repository.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        FrontPage,
        .. Directory.GetFiles(Path.Combine(Repository.Folder, "src", "docs"), "*.md")
            .Select(path => Path.GetRelativePath(Repository.Folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All pages.</summary>
    public static IEnumerable<GuidePage> Pages => Paths.Select(Read);

    /// <summary>The page with a path, such as <c>README.md</c> or <c>src/docs/http.md</c>.</summary>
    public static GuidePage Read(string path) => new(path, File.ReadAllText(Path.Combine(Repository.Folder, path)));

    /// <summary>The only snippet of the guide in a language that contains a text.</summary>
    public static string Snippet(string language, string mark = "") => Assert.Single(
        Pages.SelectMany(page => page.Snippets(language)), snippet => snippet.Contains(mark, StringComparison.Ordinal));

    /// <summary>The environment variables that a line of a shell sets in front of its command.</summary>
    public static Dictionary<string, string> VariablesOf(string line) => Variable().Matches(line).ToDictionary(
        variable => variable.Groups["name"].Value, variable => variable.Groups["value"].Value.Trim('"'));

    /// <summary>A snippet with the address of a running server in the place of the default one.</summary>
    public static string WithServer(this string snippet, Uri server) =>
        snippet.Replace("http://localhost:5080", server.ToString().TrimEnd('/'), StringComparison.Ordinal);

    [GeneratedRegex("""\G(?<name>\w+)=(?<value>"[^"]*"|\S+) """)]
    private static partial Regex Variable();
}
