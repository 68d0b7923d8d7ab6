using System.Net;
using System.Text.Json.Nodes;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.Authenticator;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Passkeys as second factors and as fresh proofs.</summary>
public sealed class PasskeyFactorTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new();
    private readonly SoftwareAuthenticator authenticator = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task Passkey_completes_login_once()
    {
        var (_, codes) = await ProtectedAsync("ada");
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        var begun = await BeginAsync(http, challenge);
        var credential = authenticator.Prove(begun.Options);
        var pair = await (await CompleteAsync(http, challenge, begun.State, credential)).ShouldBePairAsync();
        var claims = new LoggedInDevice(http, pair).Claims;
        Assert.Equal("[\"pwd\",\"hwk\",\"mfa\"]", claims.GetProperty("amr").GetRawText());
        await (await CompleteAsync(http, challenge, begun.State, credential)).ShouldBeProblemAsync(401, "second_factor_invalid");

        // A recovery code that came with the passkey completes a login too.
        challenge = await ChallengeAsync(http);
        await (await Authenticator.CompleteAsync(http, challenge, codes[0])).ShouldBePairAsync();
    }

    [Fact]
    public async Task State_is_of_one_challenge_and_one_purpose()
    {
        await ProtectedAsync("ada");
        var http = app.CreateClient();
        var (first, second) = (await ChallengeAsync(http), await ChallengeAsync(http));
        var begun = await BeginAsync(http, first);
        await (await CompleteAsync(http, second, begun.State, authenticator.Prove(begun.Options)))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
        var ofLogin = await http.LoginOptionsAsync();
        await (await CompleteAsync(http, first, ofLogin.State, authenticator.Prove(ofLogin.Options)))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
        begun = await BeginAsync(http, first);
        await (await http.LogInAsync(begun.State, authenticator.Prove(begun.Options)))
            .ShouldBeProblemAsync(401, "invalid_credentials");
        await (await http.PostAsync("/login/passkey/options", new { challenge = "none" }))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Passkey_of_another_account_completes_no_login()
    {
        await ProtectedAsync("ada");
        var bob = await app.LogInAsync("bob");
        using var ofBob = new SoftwareAuthenticator();
        await bob.AddAsync(ofBob);
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        var begun = await BeginAsync(http, challenge);
        await (await CompleteAsync(http, challenge, begun.State, ofBob.Prove(begun.Options)))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Code_and_passkey_together_or_half_of_passkey_are_invalid()
    {
        await ProtectedAsync("ada");
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        await (await http.PostAsync("/login/second-factor", new { challenge, code = "000000", state = "s" }))
            .ShouldBeInvalidAsync("code");
        await (await http.PostAsync("/login/second-factor", new { challenge, state = "s" })).ShouldBeInvalidAsync("credential");
    }

    [Fact]
    public async Task Passkey_is_fresh_proof_of_its_session_alone()
    {
        var (ada, _) = await ProtectedAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await ada.RefreshAsync();
        var begun = await FreshOptionsAsync(ada);
        var credential = authenticator.Prove(begun.Options);
        var other = new LoggedInDevice(
            app.CreateClient(), await (await app.CreateClient().LogInAsync(authenticator)).ShouldBePairAsync());
        await (await ReauthenticateAsync(other, begun.State, credential)).ShouldBeProblemAsync(401, "invalid_credentials");
        begun = await FreshOptionsAsync(ada);
        credential = authenticator.Prove(begun.Options);
        (await ReauthenticateAsync(ada, begun.State, credential)).ShouldBe(HttpStatusCode.NoContent);
        await (await ReauthenticateAsync(ada, begun.State, credential)).ShouldBeProblemAsync(401, "invalid_credentials");
        await ada.RefreshAsync();
        Assert.Equal("[\"hwk\",\"mfa\"]", ada.Claims.GetProperty("amr").GetRawText());
        var removed = await ada.SendAsync(HttpMethod.Patch, "/second-factors", new { required = false });
        await removed.ShouldBeJsonAsync();
    }

    [Fact]
    public async Task Origin_is_that_of_issuer_whatever_host_is_named()
    {
        await ProtectedAsync("ada");
        var http = app.CreateClient(new() { BaseAddress = new Uri("http://blog.localhost") });
        authenticator.Origin = "http://blog.localhost";
        await (await http.LogInAsync(authenticator)).ShouldBeProblemAsync(401, "invalid_credentials");
        authenticator.Origin = "http://localhost:5080";
        await (await http.LogInAsync(authenticator)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Operator_removes_passkeys_too()
    {
        var (ada, _) = await ProtectedAsync("ada");
        var id = ada.Claims.GetProperty("sub").GetGuid();
        Assert.True(await app.Get<SecondFactorStore>().RemoveAllAsync(id, TestContext.Current.CancellationToken));
        await (await app.CreateClient().LogInAsync(authenticator)).ShouldBeProblemAsync(401, "invalid_credentials");
        await app.LogInAsync("ada");
    }

    [Fact]
    public async Task Two_proofs_at_once_are_invalid()
    {
        var (ada, _) = await ProtectedAsync("ada");
        var begun = await FreshOptionsAsync(ada);
        var body = new { password = Password, begun.State, credential = authenticator.Prove(begun.Options) };
        await (await ada.SendAsync(HttpMethod.Post, "/reauthenticate", body)).ShouldBeInvalidAsync("password");
    }

    private async Task<(LoggedInDevice Device, IReadOnlyList<string> Codes)> ProtectedAsync(string username)
    {
        var device = await app.LogInAsync(username);
        var begun = await device.PasskeyOptionsAsync();
        var added = await device.AddAsync(begun.State, authenticator.Create(begun.Options));
        added.ShouldBe(HttpStatusCode.Created);
        var codes = CodesOf(await PasskeyRequests.JsonOfAsync(added));
        Assert.Equal(10, codes.Count);
        var answer = await device.SendAsync(HttpMethod.Patch, "/second-factors", new { required = true });
        Assert.True((await answer.ShouldBeJsonAsync()).GetProperty("required").GetBoolean());
        return (device, codes);
    }

    private static async Task<PasskeyOptionsAnswer> BeginAsync(HttpClient http, string challenge) =>
        await PasskeyOptionsAnswer.OfAsync(await http.PostAsync("/login/passkey/options", new { challenge }));

    private static async Task<PasskeyOptionsAnswer> FreshOptionsAsync(LoggedInDevice device) =>
        await PasskeyOptionsAnswer.OfAsync(await device.SendAsync(HttpMethod.Post, "/reauthenticate/options"));

    private static Task<HttpResponseMessage> CompleteAsync(
        HttpClient http, string challenge, string state, JsonNode credential) =>
        http.PostAsync("/login/second-factor", new { challenge, state, credential });

    private static Task<HttpResponseMessage> ReauthenticateAsync(LoggedInDevice device, string state, JsonNode credential) =>
        device.SendAsync(HttpMethod.Post, "/reauthenticate", new { state, credential });
}
