using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Passkeys that prove nothing, with answers that Chromium itself has signed.</summary>
public sealed class PasskeyAttackTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counter_that_goes_back_is_refused_and_counted()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        await opened.RegisterAsync("ada");
        Assert.Equal("", await opened.LogInAsync());
        Assert.Equal("", await opened.LogInAsync());

        // A copy of the authenticator from before these logins.
        var passkey = Assert.Single(await opened.Authenticator.PasskeysAsync());
        var count = passkey.GetProperty("signCount").GetInt32();
        Assert.True(count >= 2, $"{count}");
        await opened.Authenticator.PutAsync(passkey, count - 2);
        Assert.Equal("invalid_credentials", await opened.LogInAsync());
        await opened.ShouldHaveRejectedAsync(1, "its counter went back");
        await opened.Authenticator.PutAsync(passkey, count);
        Assert.Equal("", await opened.LogInAsync());
    }

    [Fact]
    public async Task Page_of_another_origin_gets_no_session()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        await opened.RegisterAsync("ada");
        var passkey = Assert.Single(await opened.Authenticator.PasskeysAsync());

        // Of the same host, which is the domain of the passkey, so that the browser agrees.
        var (other, authenticator) = await opened.OpenOtherAsync($"http://localhost:{LoopbackPort.Free()}");
        await authenticator.PutAsync(passkey, signCount: 100);
        var begun = await opened.BeginAsync();
        var credential = await PasskeyPage.AskAsync(other, begun.Options);
        var login = await LogInAsync(opened, begun.State, credential);
        await login.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        await opened.ShouldHaveRejectedAsync(1, "its answer is not valid");

        // The same state and passkey count by an answer of our own page.
        await opened.Authenticator.PutAsync(passkey, signCount: 100);
        credential = await PasskeyPage.AskAsync(opened.Page, begun.Options);
        await (await LogInAsync(opened, begun.State, credential)).ShouldBePairAsync();

        // Of another domain, the browser itself refuses.
        var (foreign, _) = await opened.OpenOtherAsync($"http://127.0.0.1:{LoopbackPort.Free()}");
        Assert.Equal("SecurityError", await foreign.EvaluateAsync<string>(
            """
            options => navigator.credentials
                .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)) })
                .then(() => '', error => error.name)
            """,
            begun.Options.GetRawText()));
    }

    [Fact]
    public async Task State_counts_once()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        await opened.RegisterAsync("ada");
        var begun = await opened.BeginAsync();
        var (first, second) = (
            await PasskeyPage.AskAsync(opened.Page, begun.Options), await PasskeyPage.AskAsync(opened.Page, begun.Options));
        await (await LogInAsync(opened, begun.State, first)).ShouldBePairAsync();

        // The counter of the second answer is higher, so that only the state is refused.
        var again = await LogInAsync(opened, begun.State, second);
        await again.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        await opened.ShouldHaveRejectedAsync(1, "it was used before");
    }

    [Fact]
    public async Task Passkey_of_another_account_completes_no_login()
    {
        await using var opened = await PasskeyPage.OpenAsync(chromium);
        await opened.RegisterAsync("mallory");
        var ofMallory = Assert.Single(await opened.Authenticator.PasskeysAsync()).GetProperty("credentialId").GetString()!;
        await opened.RegisterAsync("ada");
        await RequireSecondFactorAsync(opened.Http, "ada");
        var challenge = await ChallengeAsync(opened.Http, "ada");
        var begun = await opened.BeginAsync(challenge);

        // The page of an attacker asks for the key of its own.
        var options = JsonNode.Parse(begun.Options.GetRawText())!;
        var allowed = Assert.Single(options["allowCredentials"]!.AsArray())!;
        Assert.NotEqual(Base64UrlOf(ofMallory), (string?)allowed["id"]);
        allowed["id"] = Base64UrlOf(ofMallory);
        var credential = await PasskeyPage.AskAsync(opened.Page, JsonSerializer.SerializeToElement(options));
        var refused = await CompleteAsync(opened, challenge, begun.State, credential);
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "second_factor_invalid");
        await opened.ShouldHaveRejectedAsync(1, "the passkey is unknown");

        credential = await PasskeyPage.AskAsync(opened.Page, begun.Options);
        var pair = await (await CompleteAsync(opened, challenge, begun.State, credential)).ShouldBePairAsync();
        var user = await (await opened.Http.GetMeAsync(pair.AccessToken)).Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal("ada", user.GetProperty("username").GetString());
    }

    // The protocol of the browser has ids in another alphabet than pages.
    private static string Base64UrlOf(string base64) =>
        base64.TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static Task<HttpResponseMessage> LogInAsync(PasskeyPage opened, string state, JsonElement credential) =>
        opened.Http.PostAsJsonAsync("/login/passkey", new { state, credential }, Ct);

    private static Task<HttpResponseMessage> CompleteAsync(
        PasskeyPage opened, string challenge, string state, JsonElement credential) =>
        opened.Http.PostAsJsonAsync("/login/second-factor", new { challenge, state, credential }, Ct);

    private static async Task RequireSecondFactorAsync(HttpClient http, string username)
    {
        var pair = await http.LogInAsync(username);
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/second-factors")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", pair.AccessToken) },
            Content = JsonContent.Create(new { required = true }),
        };
        await (await http.SendAsync(request, Ct)).ShouldBeAsync(HttpStatusCode.OK);
    }

    private static async Task<string> ChallengeAsync(HttpClient http, string username)
    {
        var login = await http.PostAsync("/login", new { username, password = HttpAssertions.Password });
        var problem = await login.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "second_factor_required");
        return problem.GetProperty("challenge").GetString()!;
    }
}
