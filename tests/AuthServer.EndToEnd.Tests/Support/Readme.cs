using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>What the README offers to copy.</summary>
public static class Readme
{
    /// <summary>The one snippet in a language that contains a mark.</summary>
    public static async Task<string> SnippetAsync(string language, string mark = "")
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "README.md"), TestContext.Current.CancellationToken);
        var snippet = Assert.Single(
            Regex.Matches(readme, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline),
            match => match.Value.Contains(mark, StringComparison.Ordinal));
        return snippet.Groups[1].Value;
    }
}
