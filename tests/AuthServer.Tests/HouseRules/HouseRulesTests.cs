namespace AuthServer.Tests.HouseRules;

/// <summary>Words, names and lines of the whole repository, and samples of what each rule finds.</summary>
public sealed class HouseRulesTests
{
    private static readonly Dictionary<string, HouseRule> Rules =
        WordRules.All.Concat(TextRules.All).ToDictionary(rule => rule.Name);

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Repository_keeps_rule(string name)
    {
        var rule = Rules[name];
        var violations = Repository.Files.SelectMany(rule.Check).ToList();
        Assert.True(violations.Count == 0, $"{rule.Name}: {rule.Cure}\n{string.Join('\n', violations)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rule_finds_its_samples_and_passes_their_likes(string name)
    {
        var (found, passed) = HouseRuleSamples.OfRules[name];
        Assert.All(found, sample => Assert.Single(Rules[name].Check(new SourceFile("sample.cs", sample))));
        Assert.All(passed, sample => Assert.Empty(Rules[name].Check(new SourceFile("sample.cs", sample))));
    }

    [Fact]
    public void Long_lines_are_found_where_build_does_not_see_them()
    {
        var rule = Rules["long line"];
        Assert.Single(rule.Check(new SourceFile("sample.js", new string('x', 131) + "\n" + new string('x', 130))));
        Assert.Empty(rule.Check(new SourceFile("sample.md", new string('x', 131))));
    }

    [Theory]
    [MemberData(nameof(HouseRuleSamples.OfFiles), MemberType = typeof(HouseRuleSamples))]
    public void Prose_of_file_is_found_and_its_code_is_not(string path, string text) =>
        Assert.Equal(3, Rules["door"].Check(new SourceFile(path, text)).Count());

    [Fact]
    public void Repository_has_files_of_each_syntax()
    {
        string[] syntaxes = [".cs", ".js", ".mjs", ".css", ".html", ".csproj", ".props", ".md", ".http", ".editorconfig", ""];
        Assert.Empty(syntaxes.Except(Repository.Files.Select(file => file.Extension)));
    }
}
