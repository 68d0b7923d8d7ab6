using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The audit log.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Logins_and_all_kinds_of_ends_are_recorded_with_their_reason()
    {
        await using var app = new AuthServerApp();
        var reused = await app.LogInAsync("ada");
        var grandparent = reused.Pair.RefreshToken;
        await reused.RefreshAsync();
        await reused.RefreshAsync();
        await reused.PresentAsync(grandparent);
        var loggedOut = await app.LogInAsync("ada");
        await loggedOut.LogoutAsync();
        var revoked = await app.LogInAsync("ada");
        var last = await app.LogInAsync("ada");
        await last.SendAsync(HttpMethod.Delete, $"/sessions/{revoked.SessionId}");
        await last.SendAsync(HttpMethod.Post, "/logout/all");

        var events = (await EventsAsync(app)).FindAll(e => e.SessionId is not null);
        Assert.Equal(
            [
                (EventKind.Login, null, reused.SessionId),
                (EventKind.SessionEnded, EndReason.Reused, reused.SessionId),
                (EventKind.RefreshTokenReused, null, reused.SessionId),
                (EventKind.Login, null, loggedOut.SessionId),
                (EventKind.SessionEnded, EndReason.Logout, loggedOut.SessionId),
                (EventKind.Login, null, revoked.SessionId),
                (EventKind.Login, (EndReason?)null, last.SessionId),
                (EventKind.SessionEnded, EndReason.Revoked, revoked.SessionId),
                (EventKind.SessionEnded, EndReason.LogoutAll, last.SessionId),
            ],
            events.Select(e => (e.Kind, e.Reason, e.SessionId!.Value)));
        Assert.Single(events.Select(e => e.UserId).Distinct());
    }

    [Fact]
    public async Task Repeated_ends_and_refreshes_add_nothing()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.RefreshAsync();
        for (var repeat = 0; repeat < 5; repeat++)
        {
            await ada.LogoutAsync();
            await ada.PresentAsync(ada.Pair.RefreshToken);
        }

        Assert.Equal(
            [EventKind.KeysChanged, EventKind.KeysChanged, EventKind.Registered, EventKind.Login, EventKind.SessionEnded],
            (await EventsAsync(app)).Select(e => e.Kind));
    }

    [Fact]
    public async Task Failed_logins_are_one_row_per_account_and_minute()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await app.LogInAsync("bob");
        foreach (var username in new[] { "ada", "ada", "bob", "nobody", "ada" })
        {
            await ada.Http.PostAsync("/login", new { username, password = "wrong password" });
        }

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await ada.Http.PostAsync("/login", new { username = "ada", password = "wrong password" });
        var failures = (await app.CountedAsync()).Where(e => e.UserId is not null).OrderBy(e => e.At).ToList();
        Assert.Equal([3, 1, 1], failures.Select(e => e.Count));
        Assert.Equal([0, 0, 1], failures.Select(e => e.At.Minute));
        Assert.Equal(failures[0].UserId, failures[2].UserId);
    }

    private static Task<List<EventRow>> EventsAsync(AuthServerApp app) =>
        app.InDatabaseAsync(db => db.Events.OrderBy(e => e.Id).ToListAsync(TestContext.Current.CancellationToken));
}
