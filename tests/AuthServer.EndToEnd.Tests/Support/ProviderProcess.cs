using System.Diagnostics;
using System.Globalization;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// Providers of identities from npm: <c>oidc-provider</c>, whose user logs in and agrees in its pages, and
/// <c>oauth2-mock-server</c>, which agrees by itself.
/// </summary>
public sealed class ProviderProcess : IAsyncDisposable
{
    private readonly Process process;

    private ProviderProcess(Process process, int acme, int mock)
    {
        this.process = process;
        (Acme, Mock) = ($"http://localhost:{acme}", $"http://localhost:{mock}");
    }

    /// <summary>The issuer of the provider with pages.</summary>
    public string Acme { get; }

    /// <summary>The issuer of the provider that agrees by itself.</summary>
    public string Mock { get; }

    /// <summary>Settings by which a server knows them as <c>acme</c>, which is trusted for addresses, and <c>mock</c>.</summary>
    public IReadOnlyList<string> Settings =>
    [
        "ExternalLogins:Providers:acme:Type=oidc",
        "ExternalLogins:Providers:acme:Name=Acme",
        $"ExternalLogins:Providers:acme:Issuer={Acme}",
        "ExternalLogins:Providers:acme:ClientId=authserver",
        "ExternalLogins:Providers:acme:ClientSecret=a secret of this client",
        "ExternalLogins:Providers:acme:TrustEmail=true",
        "ExternalLogins:Providers:mock:Type=oidc",
        "ExternalLogins:Providers:mock:Name=Mock",
        $"ExternalLogins:Providers:mock:Issuer={Mock}",
        "ExternalLogins:Providers:mock:ClientId=authserver",
        "ExternalLogins:Providers:mock:ClientSecret=a secret of this client",
    ];

    /// <summary>Starts them for a server, or skips the test if npm is not installed.</summary>
    public static async Task<ProviderProcess> StartAsync(Uri server)
    {
        await NpmPackages.SkipUnlessInstalledAsync();
        var (acme, mock) = (LoopbackPort.Free(), LoopbackPort.Free());
        string[] arguments =
        [
            "providers.mjs", server.ToString().TrimEnd('/'), acme.ToString(CultureInfo.InvariantCulture),
            mock.ToString(CultureInfo.InvariantCulture),
        ];
        var process = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = NpmPackages.Folder,
            RedirectStandardOutput = true,
        })!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "ready")
        {
        }

        Assert.False(process.HasExited);
        return new ProviderProcess(process, acme, mock);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
