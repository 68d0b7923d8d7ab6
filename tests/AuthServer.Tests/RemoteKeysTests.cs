using System.Net;
using AuthServer.Bearer;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthServer.Tests;

/// <summary>The public keys of a server, as a back end fetches and keeps them.</summary>
public sealed class RemoteKeysTests
{
    private static readonly (string, string) PublicKeys = ("Tokens:Algorithm", "ES256");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unknown_key_is_looked_up_at_most_once_in_30_seconds()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var counter = new Backchannel(app);
        await using var orders = await BackEnd.StartAsync(app, counter, hearsEnds: false);
        var ada = await app.LogInAsync("ada");
        var before = counter.Count;
        for (var kid = 10; kid < 60; kid++)
        {
            await ShouldBeRefusedAsync(orders, ada, kid);
        }

        Assert.Equal(before + 1, counter.Count);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await ShouldBeRefusedAsync(orders, ada, 60);
        await ShouldBeRefusedAsync(orders, ada, 61);
        Assert.Equal(before + 2, counter.Count);
    }

    [Fact]
    public async Task Key_that_is_not_known_yet_is_looked_up()
    {
        await using var app = new AuthServerApp(PublicKeys);
        await using var orders = await BackEnd.StartAsync(app, hearsEnds: false);
        await app.Get<AccessKeyService>().RotateAsync(algorithm: null, signsNow: true, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("{\"keys\":null}")]
    [InlineData("{\"keys\":[1]}")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"1\",\"alg\":\"HS256\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"1\",\"alg\":\"RS256\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"?\",\"e\":\"AQAB\",\"kid\":\"1\",\"alg\":\"RS256\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"?\",\"y\":\"?\",\"kid\":\"1\",\"alg\":\"ES256\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\",\"kid\":\"1\",\"alg\":\"ES256\"}]}")]
    public async Task Keys_that_are_no_public_keys_are_not_taken(string jwks)
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var forged = new Backchannel(app) { Path = Backchannel.Keys, Answer = Backchannel.Text(jwks) };
        await using var orders = await BackEnd.StartAsync(app, forged, hearsEnds: false);
        var ada = await app.LogInAsync("ada");
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeProblemAsync(401, "access_token_invalid");
    }

    [Fact]
    public async Task Key_that_can_not_be_read_hides_no_other_key()
    {
        await using var app = new AuthServerApp(PublicKeys);
        var jwks = await app.CreateClient().GetStringAsync(new Uri(Backchannel.Keys, UriKind.Relative), Ct);
        var odd = "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"?\",\"e\":\"AQAB\",\"kid\":\"2\",\"alg\":\"RS256\"},7,";
        using var server = new Backchannel(app)
        {
            Path = Backchannel.Keys,
            Answer = Backchannel.Text(jwks.Replace("{\"keys\":[", odd, StringComparison.Ordinal)),
        };
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        (await orders.GetOrdersAsync((await app.LogInAsync("ada")).Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Withdrawn_key_is_noticed_even_if_older_answer_comes_first()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var server = new Backchannel(app);
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        var before = server.Count;
        orders.Get<RemoteKeys>().FetchSoon();
        await Eventually.BecomesAsync(() => server.Count > before);
        await app.Get<AccessKeyService>().WithdrawAsync(1, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);

        // The wait for the next fetch begins after the answer to this one, and so perhaps later than here.
        await Eventually.BecomesAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return server.Count > before + 1;
        });
        await orders.GetOrdersUntilAsync(ada.Pair.AccessToken, 401);
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, "garbage")]
    [InlineData(500, "{\"keys\":[]}")]
    [InlineData(302, "{\"keys\":[]}")]
    public async Task Known_keys_outlive_wrong_answers(int status, string body)
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var server = new Backchannel(app);
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        await FailAsync(app, server, orders, Backchannel.Text(body, (HttpStatusCode)status));
    }

    [Fact]
    public async Task Known_keys_outlive_outage_and_endless_answers()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var server = new Backchannel(app);
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        await FailAsync(app, server, orders, answer: null);
        await FailAsync(app, server, orders, Backchannel.Text("{\"keys\":[" + new string(' ', 10_000_000) + "]}"));
        Assert.Single(orders.Log.Lines, line => line.Event == "KeysNotFetched");
    }

    [Fact]
    public async Task Known_keys_outlive_answer_that_never_ends()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var server = new Backchannel(app);
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        (server.Answer, server.Path) = (Backchannel.Events(new SilentStream("{\"keys\":[")), Backchannel.Keys);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await Eventually.BecomesAsync(() => server.Count > 1);
        (await orders.GetOrdersAsync((await app.LogInAsync("ada")).Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        await Eventually.BecomesAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(5));
            return orders.Log.Lines.Any(line => line.Event == "KeysNotFetched");
        });
        (await orders.GetOrdersAsync((await app.LogInAsync("ada")).Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Back_end_that_starts_before_its_server_gets_keys_within_5_seconds()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var server = new Backchannel(app) { Path = Backchannel.Keys };
        await using var orders = await BackEnd.StartAsync(app, server, hearsEnds: false);
        server.Path = null;
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        await orders.GetOrdersUntilAsync((await app.LogInAsync("ada")).Pair.AccessToken, 200);
    }

    [Fact]
    public async Task Server_without_public_keys_is_reported()
    {
        await using var app = new AuthServerApp();
        await using var orders = await BackEnd.StartAsync(app, hearsEnds: false);
        var ada = await app.LogInAsync("ada");
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeProblemAsync(401, "access_token_invalid");
        Assert.Single(orders.Log.Lines, line => line.Text.Contains("Tokens:Algorithm to ES256", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("auth.example.com", null, true, "Authority is no address")]
    [InlineData("ftp://auth.example.com", null, true, "Authority is no address")]
    [InlineData("http://auth.example.com", null, true, "without TLS")]
    [InlineData("http://auth.example.com", null, false, null)]
    [InlineData("http://localhost:5080", null, true, null)]
    [InlineData("https://auth.example.com/?a=b", null, true, "Authority is no address")]
    [InlineData("https://ada:secret@auth.example.com", null, true, "Authority is no address")]
    [InlineData("https://auth.example.com", "orders", true, "only one of ClientId and ClientSecret")]
    public void Settings_are_checked(string authority, string? clientId, bool requireHttps, string? error)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthentication().AddAuthServerBearer(o =>
        {
            (o.Authority, o.RequireHttps, o.EndedSessions.ClientId) = (authority, requireHttps, clientId);
        });
        using var services = builder.Services.BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<AuthServerBearerOptions>>();
        if (error is null)
        {
            Assert.Equal(authority, options.Value.Issuer);
        }
        else
        {
            var refused = Assert.Throws<OptionsValidationException>(() => options.Value);
            Assert.Contains(error, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Settings_that_are_made_elsewhere_are_refused()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthentication().AddAuthServerBearer();
        builder.Services.Configure<AuthServerBearerOptions>(o =>
        {
            (o.Authority, o.EndedSessions.ClientId, o.EndedSessions.ClientSecret) = ("https://auth.example.com", "orders", "x");
        });
        using var services = builder.Services.BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IOptions<AuthServerBearerOptions>>().Value);
        Assert.Equal(2, refused.Failures.Count());
    }

    private static async Task FailAsync(
        AuthServerApp app, Backchannel server, BackEnd orders, Func<HttpResponseMessage>? answer)
    {
        (server.Answer, server.Path) = (answer, Backchannel.Keys);
        var before = server.Count;
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await Eventually.BecomesAsync(() => server.Count > before);

        await orders.Get<RemoteKeys>().FetchAsync(Ct);
        (await orders.GetOrdersAsync((await app.LogInAsync("ada")).Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task ShouldBeRefusedAsync(BackEnd orders, LoggedInDevice user, int kid)
    {
        var forged = new Forgery(user.Pair.AccessToken).With("header", "kid", $"\"{kid}\"").Sign([]);
        await (await orders.GetOrdersAsync(forged)).ShouldBeProblemAsync(401, "access_token_invalid");
    }
}
