namespace AuthServer.Tests.HouseRules;

/// <summary>A rule for the words, names and lines of the repository.</summary>
/// <param name="Name">Name that failures and samples refer to.</param>
/// <param name="Cure">Advice for a text that breaks the rule.</param>
/// <param name="Find">Finds each place that breaks the rule: an offset into the file's text, and an excerpt.</param>
internal sealed record HouseRule(string Name, string Cure, Func<SourceFile, IEnumerable<(int Offset, string Excerpt)>> Find)
{
    /// <summary>One line for each violation, with file, line and excerpt.</summary>
    public IEnumerable<string> Check(SourceFile file) =>
        Find(file).Select(found => $"{file.Path}:{file.LineAt(found.Offset)}: {found.Excerpt}");
}
