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

    // A passkey that is refused is an error of the network to the browser.
    private const int Refused = 401;

    [Fact]
    public async Task Passkey_is_registered_and_logs_in_until_it_is_removed()
    {
        using var data = new DataFolder();
        var port = LoopbackPort.Free();
        await using var server = await ServerProcess.StartAsync(
            data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();

        // A page of the server's origin without scripts, so the test's client is its only one.
        await page.RouteAsync("**/blank", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<link rel=icon href=data:,><input autocomplete='username webauthn'>",
        }));
        await page.GotoAsync(new Uri(device.Server, "blank").ToString());
        var authenticator = await AddAuthenticatorAsync(page);
        await page.EvaluateAsync(Open);
        await page.EvaluateAsync(
            "([username, password]) => client.login({ username, password })", new[] { "ada", HttpAssertions.Password });
        var passkey = await page.EvaluateAsync<JsonElement>("client.registerPasskey('Laptop')");
        Assert.Equal("Laptop", passkey.GetProperty("name").GetString());
        Assert.False(passkey.GetProperty("synced").GetBoolean());
        await page.EvaluateAsync("client.logout()");

        // By the button, and by the offer in a field. The counter of the authenticator rises with each.
        foreach (var mediation in (string[])["optional", "conditional"])
        {
            var user = await page.EvaluateAsync<string>(
                "mediation => client.loginByPasskey({ mediation }).then(session => session.user.username)", mediation);
            Assert.Equal("ada", user);
            Assert.Equal("hwk mfa", await page.EvaluateAsync<string>(
                "client.session().then(session => session.claims.amr.join(' '))"));
        }

        // The device has a passkey of the account already.
        Assert.Equal("InvalidStateError", await page.EvaluateAsync<string>(
            "client.registerPasskey().then(() => '', error => error.name)"));
        await page.EvaluateAsync("id => client.removePasskey(id)", passkey.GetProperty("id").GetString());
        Assert.Equal("invalid_credentials", await page.EvaluateAsync<string>(
            "client.loginByPasskey().then(() => '', error => error.code)"));
        await authenticator.DetachAsync();
        device.ShouldHaveNoErrors(Refused);
    }

    private static async Task<ICDPSession> AddAuthenticatorAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
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
        return session;
    }
}
