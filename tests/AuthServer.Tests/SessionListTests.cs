using System.Net;
using System.Text.Json;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Listing sessions, and ending them from the list.</summary>
public sealed class SessionListTests
{
    [Fact]
    public async Task List_shows_live_sessions_of_caller_newest_use_first()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada", "laptop");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var phone = await app.LogInAsync("ada", "phone");
        await app.LogInAsync("bob");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        laptop.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Firefox/150");
        await laptop.RefreshAsync();

        var sessions = await ListAsync(phone);
        Assert.Equal([laptop.SessionId, phone.SessionId], sessions.Select(IdOf));
        Assert.Equal(["laptop", "phone"], sessions.Select(s => s.GetProperty("deviceName").GetString()));
        Assert.Equal([false, true], sessions.Select(s => s.GetProperty("current").GetBoolean()));
        Assert.Equal("Firefox/150", sessions[0].GetProperty("userAgent").GetString());
        Assert.Equal("2026-01-01T12:00:00Z", sessions[0].GetProperty("createdAt").GetString());
        Assert.Equal("2026-01-01T12:00:02Z", sessions[0].GetProperty("lastUsedAt").GetString());
        Assert.Equal("2026-01-15T12:00:02Z", sessions[0].GetProperty("expiresAt").GetString());
        Assert.Equal("[\"pwd\"]", sessions[0].GetProperty("amr").GetRawText());
        Assert.Equal(
            ["amr", "createdAt", "current", "deviceName", "expiresAt", "id", "ipAddress", "lastUsedAt", "userAgent"],
            sessions[0].EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task User_agent_without_visible_characters_is_none()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        ada.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "\u200e\u202e");
        await ada.RefreshAsync();
        var list = await (await ada.GetAsync("/sessions")).ShouldBeJsonAsync();
        Assert.Equal(JsonValueKind.Null, list.GetProperty("sessions")[0].GetProperty("userAgent").ValueKind);
    }

    [Fact]
    public async Task Ended_sessions_are_shown_for_thirty_days_if_asked_for()
    {
        await using var app = new AuthServerApp();
        var lost = await app.LogInAsync("ada", "lost");
        var laptop = await app.LogInAsync("ada", "laptop");
        (await laptop.SendAsync(HttpMethod.Delete, $"/sessions/{lost.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal([laptop.SessionId], (await ListAsync(laptop)).Select(IdOf));

        var all = await ListAsync(laptop, "?ended=true");
        Assert.Equal([laptop.SessionId, lost.SessionId], all.Select(IdOf));
        Assert.False(all[0].TryGetProperty("endedAt", out _));
        Assert.Equal(("2026-01-01T12:00:00Z", "revoked"), EndOf(all[1]));

        for (var day = 10; day <= 30; day += 10)
        {
            app.Clock.Advance(TimeSpan.FromDays(10));
            await laptop.RefreshAsync();
        }

        Assert.Equal([laptop.SessionId], (await ListAsync(laptop, "?ended=true")).Select(IdOf));
    }

    [Fact]
    public async Task Session_past_its_lifetime_is_listed_as_ended_swept_or_not()
    {
        await using var app = new AuthServerApp();
        var old = await app.LogInAsync("ada", "old");
        app.Clock.Advance(TimeSpan.FromDays(14));
        var laptop = await app.LogInAsync("ada", "laptop");
        Assert.Equal([laptop.SessionId], (await ListAsync(laptop)).Select(IdOf));
        var expected = ("2026-01-15T12:00:00Z", "expired");

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected, EndOf((await ListAsync(laptop, "?ended=true"))[1]));
        await app.SweepAsync();
        Assert.Equal(expected, EndOf((await ListAsync(laptop, "?ended=true"))[1]));
        Assert.Equal(old.SessionId, IdOf((await ListAsync(laptop, "?ended=true"))[1]));
    }

    [Fact]
    public async Task Session_revoked_from_list_ends_at_once()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        (await laptop.SendAsync(HttpMethod.Delete, $"/sessions/{phone.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        (await laptop.SendAsync(HttpMethod.Delete, $"/sessions/{phone.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Session_of_another_user_is_not_found_and_lives_on()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        foreach (var id in new[] { bob.SessionId.ToString(), Guid.NewGuid().ToString(), "nonsense", bob.SessionId.ToString("N") })
        {
            await (await ada.SendAsync(HttpMethod.Delete, $"/sessions/{id}")).ShouldBeProblemAsync(404, "not_found");
        }

        await bob.RefreshAsync();
    }

    [Fact]
    public async Task Query_that_is_no_boolean_is_refused()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var problem = await (await ada.GetAsync("/sessions?ended=banana")).ShouldBeProblemAsync(400, "invalid_request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("ended", out _));
    }

    [Fact]
    public async Task Login_beyond_limit_displaces_oldest_session_at_once()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "1"));
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        await (await laptop.GetAsync("/me")).ShouldBeEndedAsync("displaced");
        await (await laptop.PresentAsync(laptop.Pair.RefreshToken)).ShouldBeEndedAsync("displaced");
        (await phone.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Full_account_refuses_logins_until_one_session_ends_or_expires()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "1"), ("Sessions:WhenFull", "refuse"));
        var laptop = await app.LogInAsync("ada");
        var credentials = new { username = "ada", password = AuthServerApp.Password };
        await (await laptop.Http.PostAsync("/login", credentials)).ShouldBeProblemAsync(409, "too_many_sessions");
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await laptop.LogoutAsync();
        await (await laptop.Http.PostAsync("/login", credentials)).ShouldBePairAsync();
        app.Clock.Advance(TimeSpan.FromDays(14));
        await (await laptop.Http.PostAsync("/login", credentials)).ShouldBePairAsync();
    }

    private static Guid IdOf(JsonElement session) => session.GetProperty("id").GetGuid();

    private static (string?, string?) EndOf(JsonElement session) =>
        (session.GetProperty("endedAt").GetString(), session.GetProperty("endReason").GetString());

    private static async Task<JsonElement[]> ListAsync(LoggedInDevice caller, string query = "")
    {
        var response = await caller.GetAsync("/sessions" + query);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            await caller.RefreshAsync();
            response = await caller.GetAsync("/sessions" + query);
        }

        return [.. (await response.ShouldBeJsonAsync()).GetProperty("sessions").EnumerateArray()];
    }
}
