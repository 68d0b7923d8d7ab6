using System.IO.Compression;
using System.Xml.Linq;
using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>The content of the package for back ends: the rules are inside, and no package of ours is needed beside it.</summary>
public sealed class BearerPackageTests
{
    private static readonly string Project = Path.Combine(Built.ClientProject, "../AuthServer.Bearer");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Package_has_rules_inside_and_needs_no_other_package_of_ours()
    {
        using var folder = new TempFolder();
        var (exitCode, output) = await Built.DotnetAsync(
            ["pack", Project, "--no-build", "--configuration", Built.Configuration, "--output", folder.Path],
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"));
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);

        await using var package = await OpenAsync(folder, "nupkg");
        Assert.Equal(
            [
                "AuthServer.Bearer.nuspec", "README.md", "lib/net10.0/AuthServer.Bearer.dll", "lib/net10.0/AuthServer.Bearer.xml",
                "lib/net10.0/AuthServer.Core.dll", "lib/net10.0/AuthServer.Core.xml",
            ],
            ContentsOf(package));
        await using var symbols = await OpenAsync(folder, "snupkg");
        Assert.Equal(
            ["AuthServer.Bearer.nuspec", "lib/net10.0/AuthServer.Bearer.pdb", "lib/net10.0/AuthServer.Core.pdb"],
            ContentsOf(symbols));

        await using var nuspec = await package.GetEntry("AuthServer.Bearer.nuspec")!.OpenAsync(Ct);
        var about = await XDocument.LoadAsync(nuspec, LoadOptions.None, Ct);
        var dependencies = NamesOf(about, "dependency", "id");
        Assert.Contains("Microsoft.AspNetCore.Authentication.JwtBearer", dependencies);
        Assert.DoesNotContain(dependencies, id => id.StartsWith("AuthServer", StringComparison.Ordinal));
        Assert.Equal(["Microsoft.AspNetCore.App"], NamesOf(about, "frameworkReference", "name"));
    }

    private static IEnumerable<string> NamesOf(XDocument about, string element, string attribute) => about.Descendants()
        .Where(node => node.Name.LocalName == element)
        .Select(node => node.Attribute(attribute)!.Value);

    private static Task<ZipArchive> OpenAsync(TempFolder folder, string extension) =>
        ZipFile.OpenReadAsync(Path.Combine(folder.Path, "AuthServer.Bearer.0.1.0." + extension), Ct);

    // Without the envelope that every package has.
    private static IEnumerable<string> ContentsOf(ZipArchive package) => package.Entries
        .Select(entry => entry.FullName)
        .Where(name => name is not ("[Content_Types].xml" or "_rels/.rels"))
        .Where(name => !name.StartsWith("package/services/metadata/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
