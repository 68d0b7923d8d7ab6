using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Lists for operators: events and sessions, any number of them, and accounts.</summary>
public sealed class AuditLogTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Events_of_many_pages_are_listed_once_newest_first()
    {
        await AddAsync(1203, at => new EventRow { Kind = EventKind.RateLimited, At = Noon.AddSeconds(at), Network = $"n{at}" });
        var listed = await ListAsync(new EventFilter(Kind: EventKind.RateLimited));
        Assert.Equal(Enumerable.Range(0, 1203).Reverse().Select(at => $"n{at}"), listed.Select(one => one.Row.Network));
        Assert.Equal(EventKind.KeysChanged, (await ListAsync(new EventFilter()))[^1].Row.Kind);
    }

    [Fact]
    public async Task Events_are_filtered_by_account_kind_and_moment()
    {
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromHours(1));
        var bob = await app.LogInAsync("bob");
        await ada.LogoutAsync();
        await app.CountEventsAsync();

        var (idOfAda, second) = (ada.Claims.GetProperty("sub").GetGuid(), Noon.AddHours(1));
        Assert.Equal(
            [EventKind.SessionEnded, EventKind.Login, EventKind.Registered], await KindsAsync(new EventFilter(UserId: idOfAda)));
        Assert.Equal([EventKind.Login, EventKind.Login], await KindsAsync(new EventFilter(Kind: EventKind.Login)));
        Assert.Equal(
            [EventKind.SessionEnded, EventKind.Login, EventKind.Registered], await KindsAsync(new EventFilter(Since: second)));
        Assert.Equal([EventKind.SessionEnded], await KindsAsync(new EventFilter(idOfAda, EventKind.SessionEnded, second)));
        Assert.Empty(await KindsAsync(new EventFilter(Since: second.AddMilliseconds(1))));
        var login = (await ListAsync(new EventFilter(Kind: EventKind.Login)))[0];
        Assert.Equal(("bob", bob.SessionId), (login.Username, login.Row.SessionId));
    }

    [Fact]
    public async Task Events_of_deleted_account_are_found_by_its_id()
    {
        var ada = await app.LogInAsync("ada");
        var id = ada.Claims.GetProperty("sub").GetGuid();
        await ada.SendAsync(HttpMethod.Delete, "/me");
        Assert.True(await app.Get<AuditLog>().HasEventsAsync(id, Ct));
        Assert.False(await app.Get<AuditLog>().HasEventsAsync(Guid.NewGuid(), Ct));
        var deleted = (await ListAsync(new EventFilter(UserId: id)))[0];
        Assert.Equal((EventKind.AccountDeleted, null), (deleted.Row.Kind, deleted.Username));
    }

    [Fact]
    public async Task Event_that_was_written_late_does_not_end_list_early()
    {
        await AddAsync(1, _ => new EventRow { Kind = EventKind.RateLimited, At = Noon, Network = "in time" });
        await AddAsync(1, _ => new EventRow { Kind = EventKind.RateLimited, At = Noon.AddMinutes(-9), Network = "late" });
        var listed = await ListAsync(new EventFilter(Kind: EventKind.RateLimited, Since: Noon));
        Assert.Equal("in time", Assert.Single(listed).Row.Network);
    }

    [Fact]
    public async Task Sessions_of_many_pages_are_listed_once_and_live_ones_alone()
    {
        var ada = await app.LogInAsync("ada");
        var id = ada.Claims.GetProperty("sub").GetGuid();
        await app.InDatabaseAsync(db =>
        {
            db.AddRange(Enumerable.Range(0, 1203).Select(at => new SessionRow
            {
                Id = Guid.CreateVersion7(Noon.AddSeconds(at + 1)),
                UserId = id,
                CreatedAt = Noon,
                RotatedAt = at % 3 == 0 ? Noon.AddDays(-14) : Noon,
                EndedAt = at % 3 == 1 ? Noon : null,
                EndReason = at % 3 == 1 ? EndReason.Logout : null,
            }));
            return db.SaveChangesAsync(Ct);
        });
        var other = await app.LogInAsync("bob");
        var overview = app.Get<Overview>();
        var all = await overview.ListSessionsAsync(null, withEnded: true, Ct).ToListAsync(Ct);
        Assert.Equal(1205, all.DistinctBy(one => one.Session.Id).Count());
        var live = await overview.ListSessionsAsync(id, withEnded: false, Ct).ToListAsync(Ct);
        Assert.Equal(402, live.Count);
        Assert.All(live, one => Assert.Equal(("ada", null), (one.Username, one.Session.EndedAt)));
        Assert.Equal(ada.SessionId, live[^1].Session.Id);
        Assert.DoesNotContain(live, one => one.Session.Id == other.SessionId);
        Assert.Equal(402, (await overview.FindAccountAsync(id, Ct))!.LiveSessions);
    }

    [Fact]
    public async Task Account_shows_its_sessions_last_login_and_recent_failures()
    {
        await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromHours(1));
        var ada = await app.LogInAsync("ada");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await ada.Http.PostAsync("/login", new { username = "ada", password = "wrong" });
        }

        // What another user does later is not shown with her account.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var bob = await app.LogInAsync("bob");
        await bob.Http.PostAsync("/login", new { username = "bob", password = "wrong" });
        await app.CountEventsAsync();
        var id = ada.Claims.GetProperty("sub").GetGuid();
        var view = (await app.Get<Overview>().FindAccountAsync(id, Ct))!;
        Assert.Equal((2, Noon.AddHours(1), 3), (view.LiveSessions, view.LastLoginAt, view.RecentFailures));
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, (await app.Get<Overview>().FindAccountAsync(id, Ct))!.RecentFailures);
        Assert.Null(await app.Get<Overview>().FindAccountAsync(Guid.NewGuid(), Ct));
    }

    private Task<List<EventView>> ListAsync(EventFilter filter) =>
        app.Get<AuditLog>().ListAsync(filter, Ct).ToListAsync(Ct).AsTask();

    private async Task<IEnumerable<EventKind>> KindsAsync(EventFilter filter) =>
        (await ListAsync(filter)).Select(one => one.Row.Kind);

    private Task<int> AddAsync(int count, Func<int, EventRow> rowOf) => app.InDatabaseAsync(async db =>
    {
        db.AddRange(Enumerable.Range(0, count).Select(rowOf));
        return await db.SaveChangesAsync(Ct);
    });
}
