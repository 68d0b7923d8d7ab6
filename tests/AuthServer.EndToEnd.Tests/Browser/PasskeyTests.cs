using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Passkeys by the client module, with the virtual authenticator of Chromium.</summary>
public sealed class PasskeyTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string LogIn = "([username, password]) => client.login({ username, password })";
    private const string Methods = "client.session().then(session => session.claims.amr.join(' '))";

    // A passkey that is refused, or a missing factor, is an error of the network to the browser.
    private const int Refused = 401;

    private static readonly string[] Credentials = ["ada", HttpAssertions.Password];

    [Fact]
    public async Task Passkey_is_registered_and_logs_in_until_it_is_removed()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        var page = opened.Page;
        var passkey = await opened.RegisterAsync("ada");
        Assert.Equal("Laptop", passkey.GetProperty("name").GetString());
        Assert.False(passkey.GetProperty("synced").GetBoolean());

        // By the button, and by the offer in a field. The counter of the authenticator rises with each.
        await LogInTwiceAsync(page);

        // The device has a passkey of the account already.
        Assert.Equal("InvalidStateError", await page.EvaluateAsync<string>(
            "client.registerPasskey().then(() => '', error => error.name)"));
        await page.EvaluateAsync("id => client.removePasskey(id)", passkey.GetProperty("id").GetString());
        Assert.Equal("invalid_credentials", await opened.LogInAsync());
        await opened.ShouldHaveRejectedAsync(1, "the passkey is unknown");
        opened.Device.ShouldHaveNoErrors(Refused);
    }

    [Fact]
    public async Task Passkey_completes_login_and_is_fresh_proof()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        var page = opened.Page;
        await opened.RegisterAsync("ada");
        await page.EvaluateAsync(LogIn, Credentials);
        await page.EvaluateAsync("client.requireSecondFactor(true)");
        await page.EvaluateAsync("client.logout()");
        await page.EvaluateAsync($"{LogIn}.then(step => client.completeLoginByPasskey(step))", Credentials);
        Assert.Equal("pwd hwk mfa", await page.EvaluateAsync<string>(Methods));

        var options = await page.EvaluateAsync<string>("client.reauthenticationOptions().then(JSON.stringify)");
        Assert.Equal("""{"methods":["password","passkey"],"secondFactors":["recovery_code"]}""", options);
        var needed = await page.EvaluateAsync<JsonElement>("password => client.reauthenticate(password)", Credentials[1]);
        Assert.False(needed.GetProperty("isFresh").GetBoolean());
        await page.EvaluateAsync("client.reauthenticateByPasskey()");
        Assert.Equal("hwk mfa", await page.EvaluateAsync<string>(Methods));
        opened.Device.ShouldHaveNoErrors(Refused);
    }

    [Fact]
    public async Task Passkey_works_in_browser_without_json_forms()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        await opened.Page.EvaluateAsync(
            """
            () => {
                delete PublicKeyCredential.parseCreationOptionsFromJSON;
                delete PublicKeyCredential.parseRequestOptionsFromJSON;
                delete PublicKeyCredential.prototype.toJSON;
            }
            """);
        await opened.RegisterAsync("ada");
        await LogInTwiceAsync(opened.Page);
        opened.Device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Button_ends_offer_and_logs_in()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        var page = opened.Page;
        await opened.RegisterAsync("ada");
        await opened.Authenticator.SetPresenceAsync(false);
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
        await opened.Authenticator.SetPresenceAsync(true);
        Assert.Equal("ada", await page.EvaluateAsync<string>("client.loginByPasskey().then(session => session.user.username)"));
        Assert.Equal("AbortError", await page.EvaluateAsync<string>("offered"));
        opened.Device.ShouldHaveNoErrors();
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
}
