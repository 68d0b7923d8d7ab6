using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Passkeys by the client module, with the virtual authenticator of Chromium.</summary>
public sealed class PasskeyTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Open =
        """
        async () => {
            const { createAuthClient } = await import('/authserver-client.js');
            window.client = createAuthClient();
        }
        """;

    private const string LogIn = "([username, password]) => client.login({ username, password })";
    private const string Methods = "client.session().then(session => session.claims.amr.join(' '))";

    // A passkey that is refused, or a missing factor, is an error of the network to the browser.
    private const int Refused = 401;

    [Fact]
    public async Task Passkey_is_registered_and_logs_in_until_it_is_removed()
    {
        await using var site = await OpenAsync();
        var page = site.Page;
        var passkey = await page.EvaluateAsync<JsonElement>("client.registerPasskey('Laptop')");
        Assert.Equal("Laptop", passkey.GetProperty("name").GetString());
        Assert.False(passkey.GetProperty("synced").GetBoolean());
        await page.EvaluateAsync("client.logout()");

        // By the button, and by the offer in a field. The counter of the authenticator rises with each.
        await LogInTwiceAsync(page);

        // The device has a passkey of the account already.
        Assert.Equal("InvalidStateError", await page.EvaluateAsync<string>(
            "client.registerPasskey().then(() => '', error => error.name)"));
        await page.EvaluateAsync("id => client.removePasskey(id)", passkey.GetProperty("id").GetString());
        Assert.Equal("invalid_credentials", await page.EvaluateAsync<string>(
            "client.loginByPasskey().then(() => '', error => error.code)"));
        site.Device.ShouldHaveNoErrors(Refused);
    }

    [Fact]
    public async Task Passkey_completes_login_and_is_fresh_proof()
    {
        await using var site = await OpenAsync();
        var page = site.Page;
        await page.EvaluateAsync("client.registerPasskey()");
        await page.EvaluateAsync("client.requireSecondFactor(true)");
        await page.EvaluateAsync("client.logout()");
        await page.EvaluateAsync($"{LogIn}.then(step => client.completeLoginByPasskey(step))", site.Credentials);
        Assert.Equal("pwd hwk mfa", await page.EvaluateAsync<string>(Methods));

        var options = await page.EvaluateAsync<string>("client.reauthenticationOptions().then(JSON.stringify)");
        Assert.Equal("""{"methods":["password","passkey"],"secondFactors":["recovery_code"]}""", options);
        var needed = await page.EvaluateAsync<JsonElement>("password => client.reauthenticate(password)", site.Credentials[1]);
        Assert.False(needed.GetProperty("isFresh").GetBoolean());
        await page.EvaluateAsync("client.reauthenticateByPasskey()");
        Assert.Equal("hwk mfa", await page.EvaluateAsync<string>(Methods));
        site.Device.ShouldHaveNoErrors(Refused);
    }

    [Fact]
    public async Task Passkey_works_in_browser_without_json_forms()
    {
        await using var site = await OpenAsync();
        await site.Page.EvaluateAsync(
            """
            () => {
                delete PublicKeyCredential.parseCreationOptionsFromJSON;
                delete PublicKeyCredential.parseRequestOptionsFromJSON;
                delete PublicKeyCredential.prototype.toJSON;
            }
            """);
        await site.Page.EvaluateAsync("client.registerPasskey()");
        await LogInTwiceAsync(site.Page);
        site.Device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Button_ends_offer_and_logs_in()
    {
        await using var site = await OpenAsync();
        var page = site.Page;
        await page.EvaluateAsync("client.registerPasskey()");
        await page.EvaluateAsync("client.logout()");
        await site.SimulatePresenceAsync(isPresent: false);
        await page.EvaluateAsync(
            """
            () => {
                const { get } = navigator.credentials;
                window.waiting = new Promise(resolve => {
                    navigator.credentials.get = question => { resolve(); return get.call(navigator.credentials, question); };
                });
                window.offered = client.loginByPasskey({ mediation: 'conditional' }).then(() => '', error => error.name);
            }
            """);
        await page.EvaluateAsync("waiting");
        await site.SimulatePresenceAsync(isPresent: true);
        Assert.Equal("ada", await page.EvaluateAsync<string>("client.loginByPasskey().then(session => session.user.username)"));
        Assert.Equal("AbortError", await page.EvaluateAsync<string>("offered"));
        site.Device.ShouldHaveNoErrors();
    }

    private static async Task LogInTwiceAsync(IPage page)
    {
        foreach (var mediation in (string[])["optional", "conditional"])
        {
            var user = await page.EvaluateAsync<string>(
                "mediation => client.loginByPasskey({ mediation }).then(session => session.user.username)", mediation);
            Assert.Equal("ada", user);
            Assert.Equal("hwk mfa", await page.EvaluateAsync<string>(Methods));
        }
    }

    private async Task<Site> OpenAsync()
    {
        var data = new DataFolder();
        var port = LoopbackPort.Free();
        var server = await ServerProcess.StartAsync(
            data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
        await server.Http.RegisterAsync("ada");
        var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();

        // A page of the server's origin without scripts, so the test's client is its only one.
        await page.RouteAsync("**/blank", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<link rel=icon href=data:,><input autocomplete='username webauthn'>",
        }));
        await page.GotoAsync(new Uri(device.Server, "blank").ToString());
        var site = new Site(data, server, device, page, await page.Context.NewCDPSessionAsync(page));
        await site.AddAuthenticatorAsync();
        await page.EvaluateAsync(Open);
        await page.EvaluateAsync(LogIn, site.Credentials);
        return site;
    }

    /// <summary>A page with a client that is logged in, and an authenticator that answers at once.</summary>
    private sealed class Site(DataFolder data, ServerProcess server, BrowserDevice device, IPage page, ICDPSession session)
        : IAsyncDisposable
    {
        private string? authenticator;

        public BrowserDevice Device => device;

        public IPage Page => page;

        public string[] Credentials { get; } = ["ada", HttpAssertions.Password];

        public async Task AddAuthenticatorAsync()
        {
            await session.SendAsync("WebAuthn.enable");
            var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            });
            authenticator = added!.Value.GetProperty("authenticatorId").GetString();
        }

        /// <summary>Sets if the user answers at once, or never.</summary>
        public Task SimulatePresenceAsync(bool isPresent) => session.SendAsync(
            "WebAuthn.setAutomaticPresenceSimulation",
            new Dictionary<string, object> { ["authenticatorId"] = authenticator!, ["enabled"] = isPresent });

        public async ValueTask DisposeAsync()
        {
            await session.DetachAsync();
            await device.DisposeAsync();
            await server.DisposeAsync();
            data.Dispose();
        }
    }
}
