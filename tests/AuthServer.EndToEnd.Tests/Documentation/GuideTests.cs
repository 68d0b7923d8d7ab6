using System.Text.RegularExpressions;
using System.Xml.Linq;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The pages of the guide among themselves, and with the files that they name.</summary>
public sealed partial class GuideTests
{
    private const int LongestFrontPage = 250;

    public static TheoryData<string> Paths => [.. Guide.Paths];

    [Fact]
    public void Front_page_is_short() =>
        Assert.InRange(Guide.Read(Guide.FrontPage).Text.Split('\n').Length - 1, 1, LongestFrontPage);

    [Theory]
    [MemberData(nameof(Paths))]
    public void Link_leads_to_file_and_heading(string path)
    {
        var page = Guide.Read(path);
        Assert.NotEmpty(page.Links);
        Assert.All(page.Links.Where(IsLocal), link =>
        {
            var (target, anchor) = Resolve(page, link);
            var file = Path.Combine(Repository.Folder, target);
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{path} links to {link}, which is not there.");
            var isHeading = anchor is null || Guide.Read(target).Anchors.Contains(anchor);
            Assert.True(isHeading, $"{path} links to {link}, which has no such heading.");
        });
    }

    [Fact]
    public void Every_page_is_reached_from_front_page()
    {
        var (reached, waiting) = (new HashSet<string> { Guide.FrontPage }, new Queue<string>([Guide.FrontPage]));
        while (waiting.TryDequeue(out var path))
        {
            var page = Guide.Read(path);
            foreach (var (target, _) in page.Links.Where(IsLocal).Select(link => Resolve(page, link)))
            {
                if (Guide.Paths.Contains(target) && reached.Add(target))
                {
                    waiting.Enqueue(target);
                }
            }
        }

        Assert.Equal(Guide.Paths.Order(StringComparer.Ordinal), reached.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_is_added_in_version_of_repository()
    {
        var pins = XDocument.Load(Path.Combine(Repository.Folder, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(pin => pin.Attribute("Include")!.Value, pin => pin.Attribute("Version")!.Value);
        pins.Add("dotnet-ef", pins["Microsoft.EntityFrameworkCore.Design"]);
        var added = Guide.Pages.SelectMany(page => AddedPackage().Matches(page.Text)).ToList();
        Assert.NotEmpty(added);
        Assert.All(added, package => Assert.Equal(pins[package.Groups["name"].Value], package.Groups["version"].Value));
    }

    [Fact]
    public void Security_page_names_tests_that_exist()
    {
        var sources = Directory.GetFiles(Path.Combine(Repository.Folder, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText).ToList();
        var named = NamedTest().Matches(Guide.Read("src/docs/security.md").Text);
        Assert.NotEmpty(named);
        Assert.All(named, test => Assert.True(
            sources.Exists(source => source.Contains($" class {test.Groups[1].Value}", StringComparison.Ordinal)
                && source.Contains($" {test.Groups[2].Value}(", StringComparison.Ordinal)),
            $"There is no test {test.Value}."));
    }

    [GeneratedRegex(@"dotnet (?:add \S+ package|tool install --global) (?<name>\S+)(?: --version (?<version>\S+))?")]
    private static partial Regex AddedPackage();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex NamedTest();

    private static bool IsLocal(string link) => !link.Contains("://", StringComparison.Ordinal);

    // The target from the root of the repository, and the anchor in it.
    private static (string Target, string? Anchor) Resolve(GuidePage page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0
            ? page.Path
            : Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(page.Path)!, parts[0])).Replace('\\', '/');
        return (target, parts.ElementAtOrDefault(1));
    }
}
