using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tests;

/// <summary>The public keys and the metadata, as back ends read them.</summary>
public sealed class MetadataTests
{
    private const string Keys = "/.well-known/jwks.json";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ES256", "alg crv kid kty use x y")]
    [InlineData("RS256", "alg e kid kty n use")]
    public async Task Published_key_verifies_tokens_and_has_no_private_part(string algorithm, string members)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        var ada = await app.LogInAsync("ada");
        var text = await ada.Http.GetStringAsync(Keys, Ct);
        var key = Assert.Single(JsonDocument.Parse(text).RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(members, string.Join(' ', key.EnumerateObject().Select(member => member.Name).Order()));
        var validated = await new JsonWebTokenHandler().ValidateTokenAsync(ada.Pair.AccessToken, new TokenValidationParameters
        {
            IssuerSigningKeys = new JsonWebKeySet(text).GetSigningKeys(),
            ValidIssuer = "http://localhost:5080",
            ValidAudience = "authserver",
            ValidTypes = ["at+jwt"],
            LifetimeValidator = (_, expires, _, _) => expires > app.Clock.GetUtcNow().UtcDateTime,
        });
        Assert.True(validated.IsValid, $"{validated.Exception}");
    }

    [Fact]
    public async Task Secret_key_is_not_published()
    {
        await using var app = new AuthServerApp();
        Assert.Equal("""{"keys":[]}""", await app.CreateClient().GetStringAsync(Keys, Ct));
    }

    [Fact]
    public async Task Key_is_published_before_it_signs_and_until_it_is_gone()
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", "ES256"));
        var http = app.CreateClient();
        await app.Get<AccessKeyService>().RotateAsync("RS256", signsNow: false, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        Assert.Equal("1 2", await NumbersAsync(http));
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("1 2", await NumbersAsync(http));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("2", await NumbersAsync(http));
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task Metadata_names_issuer_and_keys(string path)
    {
        await using var app = new AuthServerApp(("Tokens:Issuer", "https://auth.example.com/"));
        var metadata = JsonDocument.Parse(await app.CreateClient().GetStringAsync(path, Ct)).RootElement;
        Assert.Equal("https://auth.example.com/", metadata.GetProperty("issuer").GetString());
        Assert.Equal("https://auth.example.com/.well-known/jwks.json", metadata.GetProperty("jwks_uri").GetString());
        Assert.Equal(0, metadata.GetProperty("response_types_supported").GetArrayLength());
    }

    [Theory]
    [InlineData(Keys)]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task Document_is_cacheable_and_readable_from_any_origin(string path)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", "https://app.example.com"));
        var http = app.CreateClient();
        using var first = await SendAsync(http, path, "https://other.example.com");
        first.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("*", first.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("cross-origin", first.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal((true, TimeSpan.FromMinutes(5)), (first.Headers.CacheControl!.Public, first.Headers.CacheControl.MaxAge));
        using var trusted = await SendAsync(http, path, "https://app.example.com");
        Assert.Equal("https://app.example.com", trusted.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var again = await SendAsync(http, path, "https://other.example.com", first.Headers.ETag);
        again.ShouldBe(HttpStatusCode.NotModified);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, string path, string origin, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return await http.SendAsync(request, Ct);
    }

    private static async Task<string> NumbersAsync(HttpClient http)
    {
        var keys = JsonDocument.Parse(await http.GetStringAsync(Keys, Ct)).RootElement.GetProperty("keys");
        return string.Join(' ', keys.EnumerateArray().Select(key => key.GetProperty("kid").GetString()));
    }
}
