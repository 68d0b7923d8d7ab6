using System.Security.Claims;
using AuthServer.Tests.Support;
using AuthServer.Tokens;

namespace AuthServer.Tests;

/// <summary>What is remembered of access tokens, and what is not.</summary>
public sealed class ValidatedTokenCacheTests
{
    private static readonly ValidatedToken Token =
        new(new Caller(Guid.NewGuid(), Guid.NewGuid(), "ada", "Ada", [], IsAdmin: false, default, default), new ClaimsPrincipal());

    [Fact]
    public void Token_is_found_by_all_of_its_text_and_nothing_else()
    {
        var tokens = new ValidatedTokenCache();
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
        var tokens = new ValidatedTokenCache();
        tokens.Add("once", Token);
        tokens.Add("often", Token);
        for (var other = 0; other < 10 * ValidatedTokenCache.GenerationSize; other++)
        {
            tokens.Add($"{other}", Token);
            Assert.Same(Token, tokens.Find("often"));
        }

        Assert.Null(tokens.Find("once"));
        var held = Enumerable.Range(0, 10 * ValidatedTokenCache.GenerationSize).Count(other => tokens.Find($"{other}") is not null);
        Assert.InRange(held, 1, 2 * ValidatedTokenCache.GenerationSize);
    }

    [Fact]
    public async Task Remembered_token_that_comes_from_the_future_by_now_is_invalid()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(System.Net.HttpStatusCode.OK);
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(5));
        (await ada.GetAsync("/me")).ShouldBe(System.Net.HttpStatusCode.OK);
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
    }
}
