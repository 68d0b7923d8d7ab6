using System.Text.Json;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests.Support;

/// <summary>The npm package, packed once for the tests of a class.</summary>
public sealed class WebPackage : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Lazy<Task<PackedWebPackage>> packed;

    public WebPackage() => packed = new(PackAsync);

    /// <summary>The package. Skips the test if npm is not installed.</summary>
    public Task<PackedWebPackage> Content => packed.Value;

    /// <summary>Creates a folder that is removed with the package.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;

    public void Dispose() => folder.Dispose();

    private async Task<PackedWebPackage> PackAsync()
    {
        var source = NewFolder("source");
        string[] patterns = ["package*.json", "tsconfig.json", "README.md", "*.js"];
        foreach (var file in patterns.SelectMany(pattern => Directory.GetFiles(Built.WebModule, pattern)))
        {
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        }

        await Tool.RunAsync("npm", source, ["ci", "--no-audit", "--no-fund"]);
        var output = JsonDocument.Parse(await Tool.RunAsync("npm", source, ["pack", "--json", "--loglevel=error"])).RootElement;
        var package = output.ValueKind == JsonValueKind.Array ? output[0] : output.EnumerateObject().Single().Value;
        var files = package.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!);
        return new(source, Path.Combine(source, package.GetProperty("filename").GetString()!), [.. files]);
    }
}
