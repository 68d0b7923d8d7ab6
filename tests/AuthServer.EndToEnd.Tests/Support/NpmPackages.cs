using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Packages of npm, in the versions of the lock file. They are installed once for all tests.</summary>
public static class NpmPackages
{
    private static readonly Lazy<Task<bool>> Installation = new(InstallAsync);

    /// <summary>The folder of <c>package.json</c>, in which scripts find the packages.</summary>
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "npm");

    /// <summary>The version of a package in <c>package.json</c>.</summary>
    public static string VersionOf(string package)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "package.json")));
        return manifest.RootElement.GetProperty("devDependencies").GetProperty(package).GetString()!;
    }

    /// <summary>Installs the packages. False if npm is not installed.</summary>
    public static Task<bool> TryInstallAsync() => Installation.Value;

    /// <summary>Installs the packages, or skips the test if npm is not installed.</summary>
    public static async Task SkipUnlessInstalledAsync() =>
        Assert.SkipUnless(await TryInstallAsync(), "needs npm: install the Debian package npm");

    private static async Task<bool> InstallAsync()
    {
        try
        {
            var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = Folder,
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
