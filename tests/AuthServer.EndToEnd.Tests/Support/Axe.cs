using System.ComponentModel;
using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>axe-core, which finds what keeps people from using a page. It comes from npm, in the version of the lock file.</summary>
public sealed class Axe : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "npm");

    private string? script;

    /// <summary>What defines <c>axe</c> in a page.</summary>
    public string Script => script!;

    /// <summary>Skips the test where there is no npm.</summary>
    public void Need() => Assert.SkipWhen(script is null, "needs npm: install the Debian package npm");

    public async ValueTask InitializeAsync()
    {
        try
        {
            var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder, RedirectStandardError = true };
            using var npm = Process.Start(start)!;
            var errors = await npm.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await npm.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(npm.ExitCode == 0, errors);
            script = await File.ReadAllTextAsync(Path.Combine(Folder, "node_modules/axe-core/axe.min.js"), TestContext.Current.CancellationToken);
        }
        catch (Win32Exception)
        {
            // Not there: the tests say so.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
