using AuthServer.EndToEnd.Tests.Cluster;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>An application behind nginx, as in the guide, and the login page that it sends browsers to.</summary>
public sealed class GuardedApplicationTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly DataFolder data = new();
    private readonly HeaderEcho application = new();
    private readonly int port = LoopbackPort.Free();
    private readonly Uri issuer = new($"http://localhost:{LoopbackPort.Free()}");
    private ServerProcess? server;
    private BalancerProcess? nginx;

    private string Address => $"http://localhost:{port}/board?page=2&sort=new";

    public async ValueTask InitializeAsync()
    {
        server = await ServerProcess.StartAsync(
            data,
            $"urls={issuer}",
            "Tokens:Issuer=" + issuer.ToString().TrimEnd('/'),
            "ForwardAuth:Enabled=true",
            $"ForwardAuth:Origins:0=http://localhost:{port}",
            "Proxies:Known:0=127.0.0.1",
            "Proxies:Known:1=::1");
        nginx = await BalancerProcess.StartNginxAsync(
            data.Root, HeaderEcho.GuardedBy(port, issuer.Port, application.Port), port);
        await server.Http.RegisterAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        if (nginx is not null)
        {
            await nginx.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        await application.DisposeAsync();
        data.Dispose();
    }

    [Fact]
    public async Task Browser_logs_in_and_comes_back_to_application()
    {
        await using var device = await chromium.NewDeviceAsync(issuer);
        var page = await device.OpenAsync();
        await page.GotoAsync(Address);
        await page.GetByLabel("User name").First.FillAsync("ada");
        await page.GetByLabel("Password").First.FillAsync("wrong");
        await page.Button("Log in").First.ClickAsync();
        await Expect(page.GetByText("User name or password is wrong.")).ToBeVisibleAsync();
        await page.GetByLabel("Password").First.FillAsync(HttpAssertions.Password);
        await page.Button("Log in").First.ClickAsync();
        await Expect(page.GetByText("X-Auth-User: ada")).ToBeVisibleAsync();
        Assert.Equal(Address, page.Url);

        // A second application page, and the login page itself, ask no more.
        await page.GotoAsync($"{issuer}?return_to={Uri.EscapeDataString(Address)}");
        await Expect(page.GetByText("X-Auth-User: ada")).ToBeVisibleAsync();
        Assert.Equal(Address, page.Url);
    }
}
