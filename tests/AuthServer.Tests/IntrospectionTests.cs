using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Questions of back ends about tokens, and the end of sessions by token.</summary>
public sealed class IntrospectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Active_access_token_is_described_with_its_claims()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.VerifiedEmail, "ada@example.org"), Ct));
        await ada.RefreshAsync();
        var answer = await (await IntrospectAsync(app, ada.Pair.AccessToken)).ShouldBeJsonAsync();
        Assert.True(answer.GetProperty("active").GetBoolean());
        Assert.Equal("Bearer", answer.GetProperty("token_type").GetString());
        Assert.Equal("ada", answer.GetProperty("username").GetString());
        Assert.Equal("ada@example.org", answer.GetProperty("email").GetString());
        foreach (var claim in ada.Claims.EnumerateObject())
        {
            Assert.Equal(claim.Value.GetRawText(), answer.GetProperty(claim.Name).GetRawText());
        }
    }

    [Fact]
    public async Task Active_refresh_token_is_described_and_not_used_up()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var answer = await (await IntrospectAsync(app, ada.Pair.RefreshToken)).ShouldBeJsonAsync();
        Assert.True(answer.GetProperty("active").GetBoolean());
        Assert.Equal($"{ada.SessionId}", answer.GetProperty("sid").GetString());
        var expiry = app.Clock.GetUtcNow().AddDays(14).ToUnixTimeSeconds();
        Assert.Equal(expiry, answer.GetProperty("exp").GetInt64());
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Refresh_token_whose_successor_may_be_lost_is_active()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        var retry = await (await IntrospectAsync(app, first)).ShouldBeJsonAsync();
        Assert.True(retry.GetProperty("active").GetBoolean());
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var lateRetry = await (await IntrospectAsync(app, first)).ShouldBeJsonAsync();
        Assert.True(lateRetry.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task Tokens_of_disabled_account_and_of_idle_session_are_inactive()
    {
        await using var app = new AuthServerApp(
            ("Sessions:IdleLifetime", "00:01:00"), ("Tokens:AccessLifetime", "00:01:30"));
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await ShouldBeInactiveAsync(app, ada.Pair.RefreshToken);
        await ShouldBeInactiveAsync(app, ada.Pair.AccessToken);
        var bob = await app.LogInAsync("bob");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));
        await ShouldBeInactiveAsync(app, bob.Pair.RefreshToken);
        await ShouldBeInactiveAsync(app, bob.Pair.AccessToken);
    }

    [Fact]
    public async Task Tokens_are_inactive_as_soon_as_their_session_has_ended()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        await ShouldBeInactiveAsync(app, ada.Pair.AccessToken);
        await ShouldBeInactiveAsync(app, ada.Pair.RefreshToken);
    }

    [Fact]
    public async Task Token_that_would_be_refused_is_inactive()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair;
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        await ShouldBeInactiveAsync(app, "nonsense");
        await ShouldBeInactiveAsync(app, ada.Pair.AccessToken + "A");
        await ShouldBeInactiveAsync(app, Changed(ada.Pair.RefreshToken));
        app.Clock.Advance(TimeSpan.FromSeconds(31));
        await ShouldBeInactiveAsync(app, first.AccessToken);
        await ShouldBeInactiveAsync(app, first.RefreshToken);

        // Asking about an old token ends nothing.
        await ada.RefreshAsync();
    }

    [Theory]
    [InlineData("orders", "wrong")]
    [InlineData("billing", null)]
    [InlineData("Orders", null)]
    [InlineData(null, null)]
    public async Task Caller_without_secret_is_refused(string? name, string? secret)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var genuine = (await app.Get<ResourceServerService>().AddAsync("orders", Ct))!;
        using var request = RequestOf("/introspect", ada.Pair.AccessToken);
        if (name is not null)
        {
            request.Headers.Authorization = BasicOf(name, secret ?? genuine);
        }

        await (await ada.Http.SendAsync(request, Ct)).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task Secret_ends_with_its_replacement_and_with_its_back_end()
    {
        await using var app = new AuthServerApp();
        var servers = app.Get<ResourceServerService>();
        app.CreateClient();
        var first = (await servers.AddAsync("orders", Ct))!;
        Assert.Null(await servers.AddAsync("orders", Ct));
        Assert.True(await servers.IsGenuineAsync("orders", first));
        var second = (await servers.ReplaceSecretAsync("orders", Ct))!;
        Assert.False(await servers.IsGenuineAsync("orders", first));
        Assert.True(await servers.IsGenuineAsync("orders", second));
        Assert.Null(await servers.ReplaceSecretAsync("billing", Ct));
        Assert.False(await servers.RemoveAsync("billing", Ct));
        Assert.True(await servers.RemoveAsync("orders", Ct));
        Assert.False(await servers.IsGenuineAsync("orders", second));
    }

    [Fact]
    public async Task Secret_of_other_process_is_looked_up()
    {
        await using var app = new AuthServerApp();
        var servers = app.Get<ResourceServerService>();
        app.CreateClient();
        var hash = SHA256.HashData("secret"u8);
        Assert.False(await servers.IsGenuineAsync("orders", "secret"));
        await app.Get<ResourceServerStore>().AddAsync("orders", hash, Ct);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await servers.IsGenuineAsync("orders", "secret"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Revocation_ends_session_and_needs_token_alone(bool byAccessToken)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        using var request = RequestOf("/revoke", byAccessToken ? ada.Pair.AccessToken : ada.Pair.RefreshToken);
        (await ada.Http.SendAsync(request, Ct)).ShouldBe(HttpStatusCode.OK);
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("revoked");
    }

    [Fact]
    public async Task Revocation_of_foreign_or_expired_token_is_accepted_and_ends_nothing()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        foreach (var token in new[] { "nonsense", ada.Pair.AccessToken, Changed(ada.Pair.RefreshToken) })
        {
            using var request = RequestOf("/revoke", token);
            (await ada.Http.SendAsync(request, Ct)).ShouldBe(HttpStatusCode.OK);
        }

        await ada.RefreshAsync();
    }

    [Theory]
    [InlineData("/introspect")]
    [InlineData("/revoke")]
    public async Task Body_that_is_no_form_with_one_token_is_refused(string path)
    {
        await using var app = new AuthServerApp();
        var http = app.CreateClient();
        http.DefaultRequestHeaders.Authorization =
            BasicOf("orders", (await app.Get<ResourceServerService>().AddAsync("orders", Ct))!);
        var json = await http.PostAsync(path, new { token = "x" });
        await json.ShouldBeProblemAsync(415, "unsupported_media_type");
        await (await http.PostAsync(path)).ShouldBeProblemAsync(415, "unsupported_media_type");
        var endless = string.Join('&', Enumerable.Range(0, 2000).Select(i => $"k{i}=v"));
        foreach (var form in new[] { "token=", "token=a&token=b", "other=a", "Token", "&&&=", endless })
        {
            using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
            var refused = await http.PostAsync(new Uri(path, UriKind.Relative), content, Ct);
            await refused.ShouldBeProblemAsync(400, "invalid_request");
        }
    }

    private static async Task<HttpResponseMessage> IntrospectAsync(AuthServerApp app, string token)
    {
        var servers = app.Get<ResourceServerService>();
        var secret = await servers.AddAsync("orders", Ct) ?? await servers.ReplaceSecretAsync("orders", Ct);
        using var request = RequestOf("/introspect", token);
        request.Headers.Authorization = BasicOf("orders", secret!);
        return await app.CreateClient().SendAsync(request, Ct);
    }

    private static async Task ShouldBeInactiveAsync(AuthServerApp app, string token) =>
        Assert.Equal("""{"active":false}""", await (await IntrospectAsync(app, token)).Content.ReadAsStringAsync(Ct));

    private static string Changed(string token) => (token[0] == 'A' ? 'B' : 'A') + token[1..];

    private static HttpRequestMessage RequestOf(string path, string token) => new(HttpMethod.Post, path)
    {
        Content = new FormUrlEncodedContent([new("token", token)]),
    };

    private static AuthenticationHeaderValue BasicOf(string name, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{secret}")));
}
