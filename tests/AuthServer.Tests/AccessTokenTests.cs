using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

public sealed class AccessTokenTests
{
    [Fact]
    public async Task Access_token_at_its_twentieth_second_is_expired()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(19.999));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Access_token_has_exactly_claims_of_contract()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(ada.Pair.AccessToken.Split('.')[0])).RootElement;
        Assert.Equal(["alg", "kid", "typ"], header.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(("HS256", "1", "at+jwt"), (Text(header, "alg"), Text(header, "kid"), Text(header, "typ")));

        var claims = ada.Claims;
        Assert.Equal(
            [
                "admin", "amr", "aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "name", "preferred_username",
                "roles", "sid", "sub",
            ],
            claims.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal("http://localhost:5080", Text(claims, "iss"));
        Assert.Equal("authserver", Text(claims, "aud"));
        Assert.Equal("authserver", Text(claims, "client_id"));
        Assert.Equal(ada.SessionId.ToString(), Text(claims, "sid"));
        Assert.Equal(("ada", "ada"), (Text(claims, "preferred_username"), Text(claims, "name")));
        Assert.Equal(JsonValueKind.Array, claims.GetProperty("roles").ValueKind);
        Assert.Equal(JsonValueKind.False, claims.GetProperty("admin").ValueKind);
        Assert.Equal(20, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds(), claims.GetProperty("iat").GetInt64());
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
