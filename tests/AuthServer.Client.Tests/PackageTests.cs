using System.IO.Compression;
using System.Xml.Linq;
using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Contents of the package.</summary>
public sealed class PackageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Package_is_complete_and_minimal()
    {
        using var folder = new TempFolder();
        var (exitCode, output) = await Built.DotnetAsync(
            ["pack", Built.ClientProject, "--no-build", "--configuration", Built.Configuration, "--output", folder.Path],
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"));
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            ["AuthServer.Client.0.1.0.nupkg", "AuthServer.Client.0.1.0.snupkg"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        await using var package = await OpenAsync(folder, "nupkg");
        Assert.Equal(
            ["AuthServer.Client.nuspec", "README.md", "lib/net10.0/AuthServer.Client.dll", "lib/net10.0/AuthServer.Client.xml"],
            ContentsOf(package));
        await using var symbols = await OpenAsync(folder, "snupkg");
        Assert.Equal(["AuthServer.Client.nuspec", "lib/net10.0/AuthServer.Client.pdb"], ContentsOf(symbols));

        await using var nuspec = await package.GetEntry("AuthServer.Client.nuspec")!.OpenAsync(Ct);
        var about = (await XDocument.LoadAsync(nuspec, LoadOptions.None, Ct)).Root!;
        var dependency = Assert.Single(Named(about, "dependency"));
        Assert.Equal("Microsoft.Extensions.Http", dependency.Attribute("id")!.Value);
        Assert.Equal(await PinnedAsync("Microsoft.Extensions.Http"), dependency.Attribute("version")!.Value);
        Assert.Equal("README.md", Assert.Single(Named(about, "readme")).Value);
        Assert.NotEqual("Package Description", Assert.Single(Named(about, "description")).Value);
        Assert.Empty(Named(about, "frameworkReference"));
    }

    private static async Task<string> PinnedAsync(string package)
    {
        await using var file = File.OpenRead(Path.Combine(Built.ClientProject, "..", "..", "Directory.Packages.props"));
        var pins = await XDocument.LoadAsync(file, LoadOptions.None, Ct);
        var pin = Named(pins.Root!, "PackageVersion").Single(pin => pin.Attribute("Include")!.Value == package);
        return pin.Attribute("Version")!.Value;
    }

    private static IEnumerable<XElement> Named(XElement about, string name) =>
        about.Descendants().Where(element => element.Name.LocalName == name);

    private static Task<ZipArchive> OpenAsync(TempFolder folder, string extension) =>
        ZipFile.OpenReadAsync(Path.Combine(folder.Path, "AuthServer.Client.0.1.0." + extension), Ct);

    // Without the files that every package has.
    private static IEnumerable<string> ContentsOf(ZipArchive package) => package.Entries
        .Select(entry => entry.FullName)
        .Where(name => name is not ("[Content_Types].xml" or "_rels/.rels"))
        .Where(name => !name.StartsWith("package/services/metadata/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
