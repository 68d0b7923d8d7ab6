using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>The refresh token that comes along with a proof by the caller, on each route that takes one.</summary>
public sealed class CallerProofTokenTests : IAsyncDisposable
{
    private const string ChangePassword = "/password";
    private const string Reauthenticate = "/reauthenticate";

    private readonly AuthServerApp app = new();

    public static MatrixTheoryData<string, string> RoutesAndPlaces { get; } = new(
        [ChangePassword, Reauthenticate],
        [
            "body", "body?transport=header", "body?transport=cookie", "header", "header?transport=body",
            "cookie", "cookie?transport=body", "cookie?transport=header",
        ]);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [MemberData(nameof(RoutesAndPlaces))]
    public async Task New_pair_comes_by_transport_and_cookie_by_cookie_only(string route, string place)
    {
        var ada = await app.LogInAsync("ada");
        var answer = await ProveFromAsync(Own, ada, route, place);
        answer.ShouldBe(HttpStatusCode.OK);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        var isCookie = place.StartsWith("cookie", StringComparison.Ordinal) || place == "body?transport=cookie";
        var isHeader = place == "body?transport=header";
        Assert.Equal(!isCookie && !isHeader, body.TryGetProperty("refreshToken", out var inBody));
        Assert.Equal(isHeader, answer.Headers.TryGetValues("X-Refresh-Token", out var inHeader));
        Assert.Equal(!isCookie, answer.Headers.Contains("X-Device-Token"));
        var token = isCookie ? answer.ShouldSetCookie(1209600) : isHeader ? Assert.Single(inHeader!) : inBody.GetString()!;
        await ada.RefreshAsync(token);
    }

    [Theory]
    [InlineData(ChangePassword, "cookie")]
    [InlineData(ChangePassword, "body?transport=cookie")]
    [InlineData(Reauthenticate, "cookie")]
    [InlineData(Reauthenticate, "body?transport=cookie")]
    public async Task Cookie_counts_from_trusted_pages_alone(string route, string place)
    {
        var ada = await app.LogInAsync("ada");
        var authTime = ada.Claims.GetProperty("auth_time").GetInt64();
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        foreach (var origin in new[] { "https://evil.example", "null", null })
        {
            await (await ProveFromAsync(origin, ada, route, place)).ShouldBeProblemAsync(403, "cross_site");
        }

        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        await ada.RefreshAsync();
        Assert.Equal(authTime, ada.Claims.GetProperty("auth_time").GetInt64());
        await app.LogInAsync("ada");
    }

    [Theory]
    [InlineData(ChangePassword)]
    [InlineData(Reauthenticate)]
    public async Task Refresh_concurrent_with_proof_leaves_no_old_token_usable(string route)
    {
        for (var round = 0; round < 10; round++)
        {
            var ada = await app.LogInAsync("ada" + round);
            var old = ada.Pair.RefreshToken;
            var (proof, refresh) = (
                ada.SendAsync(HttpMethod.Post, route, BodyOf(route, old)), ada.PresentAsync(old));
            await Task.WhenAll(proof, refresh);
            var rotated = (await refresh).IsSuccessStatusCode ? (await (await refresh).ShouldBePairAsync()).RefreshToken : old;
            foreach (var token in new[] { old, rotated })
            {
                await (await ada.PresentAsync(token)).ShouldBeProblemAsync(401, "refresh_token_reused");
            }
        }
    }

    private static JsonObject BodyOf(string route, string? refreshToken)
    {
        var body = route == ChangePassword
            ? new JsonObject { ["currentPassword"] = Password, ["newPassword"] = "analytical engine number two" }
            : new JsonObject { ["password"] = Password };
        if (refreshToken is not null)
        {
            body["refreshToken"] = refreshToken;
        }

        return body;
    }

    // Sends the token in a place, which may be followed by a query.
    private Task<HttpResponseMessage> ProveFromAsync(string? origin, LoggedInDevice device, string route, string place)
    {
        var token = device.Pair.RefreshToken;
        var (where, query) = place.Split('?') is [var before, var after] ? (before, "?" + after) : (place, "");
        List<(string, string)> headers = [("Authorization", $"Bearer {device.Pair.AccessToken}")];
        if (where == "header")
        {
            headers.Add(("X-Refresh-Token", token));
        }

        return app.PostFromAsync(
            origin,
            route + query,
            where == "cookie" ? token : null,
            BodyOf(route, where == "body" ? token : null),
            [.. headers]);
    }
}
