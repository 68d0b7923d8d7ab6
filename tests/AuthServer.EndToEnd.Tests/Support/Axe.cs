using System.ComponentModel;
using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>axe-core, which finds accessibility problems of a page. npm installs the version in the lock file.</summary>
public sealed class Axe : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "npm");

    private string? script;

    /// <summary>The script that defines <c>axe</c> in a page.</summary>
    public string Script => script!;

    /// <summary>Skips the test if npm is not installed.</summary>
    public void SkipUnlessInstalled() => Assert.SkipWhen(script is null, "needs npm: install the Debian package npm");

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        try
        {
            var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = Folder,
                RedirectStandardError = true,
            };
            using var npm = Process.Start(start)!;
            var errors = await npm.StandardError.ReadToEndAsync(ct);
            await npm.WaitForExitAsync(ct);
            Assert.True(npm.ExitCode == 0, errors);
            script = await File.ReadAllTextAsync(Path.Combine(Folder, "node_modules/axe-core/axe.min.js"), ct);
        }
        catch (Win32Exception)
        {
            // npm is not installed. The tests are skipped.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
