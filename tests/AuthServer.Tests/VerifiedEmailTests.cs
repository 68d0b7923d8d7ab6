using System.Net;
using System.Text.Json;
using AuthServer.Bearer;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The verified address of an account in access tokens.</summary>
public sealed class VerifiedEmailTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_follows_address_at_next_refresh()
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp();
        var ada = await app.LogInAsync("ada");
        (await ada.SendAsync(HttpMethod.Post, "/email", new { email = "Ada@한글.example" })).ShouldBe(HttpStatusCode.Accepted);
        await ada.RefreshAsync();
        ShouldHaveNone(ada.Claims);

        var token = Mailbox.TokenOf(await mailbox.NextAsync("Confirm your email address"));
        (await ada.Http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
        ShouldHave(ada.Claims, "ada@xn--bj0bj06e.example");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        ShouldHave((await app.LogInAsync("ada")).Claims, "ada@xn--bj0bj06e.example");

        (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
        ShouldHaveNone(ada.Claims);
    }

    [Fact]
    public async Task Refresh_with_address_asks_database_once()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        await app.CountEventsAsync();
        foreach (var address in new[] { null, "ada@example.org" })
        {
            await VerifyAsync(app, address);
            var before = probe.Count;
            await ada.RefreshAsync();
            Assert.Equal(before + 1, probe.Count);
            Assert.Equal(address is not null, ada.Claims.TryGetProperty("email", out _));
        }
    }

    [Fact]
    public async Task Back_end_gets_verified_address()
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", "ES256"));
        await using var orders = await BackEnd.StartAsync(app);
        var ada = await app.LogInAsync("ada");
        Assert.Equal("", await ReceiptAsync());
        await VerifyAsync(app, "ada@example.org");
        await ada.RefreshAsync();

        // From the token, and then from the memory of the back end.
        Assert.Equal("ada@example.org, true", await ReceiptAsync());
        Assert.Equal("ada@example.org, true", await ReceiptAsync());

        async Task<string> ReceiptAsync() =>
            await (await orders.GetOrdersAsync(ada.Pair.AccessToken, "/receipt")).Content.ReadAsStringAsync(Ct);
    }

    [Theory]
    [InlineData("""{"email":"ada@example.org","email_verified":true}""", "ada@example.org")]
    [InlineData("""{"email":"ada@example.org","email_verified":false}""", null)]
    [InlineData("""{"email":"ada@example.org"}""", null)]
    [InlineData("""{"email":"","email_verified":true}""", null)]
    [InlineData("""{"email_verified":true}""", null)]
    public async Task Address_of_token_counts_only_as_verified(string members, string? expected)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var payload = $"{ada.Claims.GetRawText()[..^1]},{members[1..]}";
        Assert.Equal(expected, ValidatedToken.OfPayload(payload).Caller.VerifiedEmail);
    }

    private static void ShouldHave(JsonElement claims, string address)
    {
        Assert.Equal(address, claims.GetProperty("email").GetString());
        Assert.Equal(JsonValueKind.True, claims.GetProperty("email_verified").ValueKind);
    }

    private static void ShouldHaveNone(JsonElement claims) => Assert.DoesNotContain(
        claims.EnumerateObject(), claim => claim.Name.StartsWith("email", StringComparison.Ordinal));

    private static Task<int> VerifyAsync(AuthServerApp app, string? address) => app.InDatabaseAsync(db =>
        db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.VerifiedEmail, address), Ct));
}
