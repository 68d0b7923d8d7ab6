namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>axe-core, which finds accessibility problems of a page.</summary>
public sealed class Axe : IAsyncLifetime
{
    private string? script;

    /// <summary>The script that defines <c>axe</c> in a page.</summary>
    public string Script => script!;

    /// <summary>Skips the test if npm is not installed.</summary>
    public void SkipUnlessInstalled() => Assert.SkipWhen(script is null, "needs npm: install the Debian package npm");

    public async ValueTask InitializeAsync()
    {
        if (await NpmPackages.TryInstallAsync())
        {
            script = await File.ReadAllTextAsync(
                Path.Combine(NpmPackages.Folder, "node_modules/axe-core/axe.min.js"), TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
