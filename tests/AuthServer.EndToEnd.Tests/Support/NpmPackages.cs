using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Packages of npm, in the versions of a lock file. Those of a folder are installed once for all tests.</summary>
public static class NpmPackages
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<bool>>> Installations = new();

    /// <summary>The folder of the tests' own <c>package.json</c>, in which scripts find the packages.</summary>
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "npm");

    /// <summary>The version of a package in <c>package.json</c>.</summary>
    public static string VersionOf(string package)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "package.json")));
        return manifest.RootElement.GetProperty("devDependencies").GetProperty(package).GetString()!;
    }

    /// <summary>Installs the packages of a folder, by default <see cref="Folder"/>. False if npm is not installed.</summary>
    public static Task<bool> TryInstallAsync(string? folder = null) => Installations.GetOrAdd(
        folder ?? Folder, folder => new Lazy<Task<bool>>(() => InstallAsync(folder))).Value;

    /// <summary>Installs the packages of a folder, or skips the test if npm is not installed.</summary>
    public static async Task SkipUnlessInstalledAsync(string? folder = null) =>
        Assert.SkipUnless(await TryInstallAsync(folder), "needs npm: install the Debian package npm");

    private static async Task<bool> InstallAsync(string folder)
    {
        try
        {
            var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
            };
            using var npm = Process.Start(start)!;
            var errors = await npm.StandardError.ReadToEndAsync();
            await npm.WaitForExitAsync();
            Assert.True(npm.ExitCode == 0, errors);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
