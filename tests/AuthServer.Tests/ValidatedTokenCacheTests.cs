using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The cache of access tokens, and its limits.</summary>
public sealed class ValidatedTokenCacheTests
{
    private static readonly ValidatedToken Token = new(
        new Caller
        {
            UserId = Guid.NewGuid(),
            SessionId = Guid.NewGuid(),
            Username = "ada",
            DisplayName = "Ada",
            Roles = [],
            IsAdmin = false,
            IssuedAt = default,
            ExpiresAt = default,
        },
        new ClaimsPrincipal());

    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void Token_is_found_by_all_of_its_text_and_nothing_else()
    {
        var tokens = NewCache();
        tokens.Add("abc", Token);
        Assert.Same(Token, tokens.Find("abc"));
        Assert.Null(tokens.Find("abC"));
        Assert.Null(tokens.Find("ab"));
        Assert.Null(tokens.Find("abcd"));
        Assert.Null(tokens.Find(""));
    }

    [Fact]
    public void Two_generations_are_held_and_what_is_used_stays()
    {
        var tokens = NewCache();
        tokens.Add("once", Token);
        tokens.Add("often", Token);
        for (var other = 0; other < 10 * ValidatedTokenCache.GenerationSize; other++)
        {
            tokens.Add($"{other}", Token);
            Assert.Same(Token, tokens.Find("often"));
            Assert.InRange(tokens.Count, 1, 2 * ValidatedTokenCache.GenerationSize);
        }

        Assert.Null(tokens.Find("once"));
        var all = Enumerable.Range(0, 10 * ValidatedTokenCache.GenerationSize);
        var held = all.Count(other => tokens.Find($"{other}") is not null);
        Assert.InRange(held, 1, 2 * ValidatedTokenCache.GenerationSize);
    }

    // A cache that is never full must not hold all tokens of the last hours.
    [Fact]
    public void Tokens_are_evicted_when_they_have_expired()
    {
        var tokens = NewCache();
        foreach (var second in Enumerable.Range(0, 1000))
        {
            tokens.Add($"{second}", Token);
            foreach (var alive in Enumerable.Range(0, second + 1).TakeLast(20))
            {
                Assert.NotNull(tokens.Find($"{alive}"));
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(tokens.Count, 20, 80);
    }

    [Fact]
    public async Task Cached_token_is_invalid_when_clock_is_set_back_before_its_iat()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(System.Net.HttpStatusCode.OK);
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(5));
        (await ada.GetAsync("/me")).ShouldBe(System.Net.HttpStatusCode.OK);
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
    }

    private ValidatedTokenCache NewCache() => new(Options.Create(new AuthServerBearerOptions()), clock);
}
