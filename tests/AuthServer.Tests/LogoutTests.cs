using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Logging out by either token or both.</summary>
public sealed class LogoutTests
{
    [Fact]
    public async Task Logout_ends_session_on_refresh_and_private_routes_at_once()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        (await laptop.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
        await (await laptop.GetAsync("/me")).ShouldBeEndedAsync("logout");
        await (await laptop.PresentAsync(laptop.Pair.RefreshToken)).ShouldBeEndedAsync("logout");
        (await phone.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await laptop.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Repeated_logout_publishes_end_whose_first_answer_was_lost()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");

        // As after a commit whose connection broke: the end is written and not published.
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(s => s.EndedAt, app.Clock.GetUtcNow()).SetProperty(s => s.EndReason, EndReason.Logout)));
        (await ada.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Access_token_alone_logs_out_until_it_expires()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.SendAsync(HttpMethod.Post, "/logout")).ShouldBeProblemAsync(401, "access_token_expired");
        await ada.RefreshAsync();
        (await ada.SendAsync(HttpMethod.Post, "/logout")).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
        (await ada.SendAsync(HttpMethod.Post, "/logout")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Expired_access_token_with_its_refresh_token_logs_out()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        (await ada.SendAsync(HttpMethod.Post, "/logout", new { ada.Pair.RefreshToken })).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Refresh_token_of_any_generation_logs_out()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        (await ada.Http.PostAsync("/logout", new { refreshToken = first })).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Tokens_that_disagree_end_nothing()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        foreach (var refreshToken in new[] { phone.Pair.RefreshToken, "forged" })
        {
            var answer = await laptop.SendAsync(HttpMethod.Post, "/logout", new { refreshToken });
            await answer.ShouldBeProblemAsync(400, "token_mismatch");
        }

        await laptop.RefreshAsync();
        await phone.RefreshAsync();
    }

    [Fact]
    public async Task Forged_or_unknown_refresh_token_alone_ends_nothing_and_answers_204()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var unknown = new RefreshToken(Guid.NewGuid(), 0).Encode(app.Get<ServerKeys>().Refresh);
        var forged = ada.Pair.RefreshToken[..^1] + (ada.Pair.RefreshToken[^1] == 'A' ? 'B' : 'A');
        foreach (var refreshToken in new[] { "forged", forged, unknown, "" })
        {
            (await ada.Http.PostAsync("/logout", new { refreshToken })).ShouldBe(HttpStatusCode.NoContent);
        }

        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Logout_without_token_is_refused()
    {
        await using var app = new AuthServerApp();
        var http = app.CreateClient();
        await (await http.PostAsync("/logout")).ShouldBeProblemAsync(401, "access_token_missing");
        await (await http.PostAsync("/logout", new { })).ShouldBeProblemAsync(401, "access_token_missing");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "forged");
        await (await http.PostAsync("/logout")).ShouldBeProblemAsync(401, "access_token_invalid");
    }

    [Fact]
    public async Task Logout_all_ends_all_sessions_of_its_caller_and_of_no_other_user()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        (await laptop.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBe(HttpStatusCode.NoContent);
        foreach (var device in new[] { laptop, phone })
        {
            await (await device.GetAsync("/me")).ShouldBeEndedAsync("logout_all");
            await (await device.PresentAsync(device.Pair.RefreshToken)).ShouldBeEndedAsync("logout_all");
        }

        (await bob.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await bob.RefreshAsync();
    }

    [Fact]
    public async Task Logout_all_except_current_leaves_session_of_request()
    {
        await using var app = new AuthServerApp();
        var (laptop, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        (await laptop.SendAsync(HttpMethod.Post, "/logout/all?except=current")).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("logout_all");
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await laptop.RefreshAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Current")]
    [InlineData("others")]
    public async Task Logout_all_with_unknown_exception_ends_nothing(string except)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var answer = await ada.SendAsync(HttpMethod.Post, $"/logout/all?except={except}");
        var problem = await answer.ShouldBeProblemAsync(400, "invalid_request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("except", out _));
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Logout_all_without_valid_access_token_is_refused()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await (await ada.Http.PostAsync("/logout/all")).ShouldBeProblemAsync(401, "access_token_missing");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBeProblemAsync(401, "access_token_expired");
        await ada.RefreshAsync();
    }
}
