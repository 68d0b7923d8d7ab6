using System.Text.Json;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The pages of the list of sessions.</summary>
public sealed class SessionPageTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new(("Sessions:MaxPerUser", "0"));
    private LoggedInDevice ada = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => ada = await app.LogInAsync("ada");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Pages_show_every_session_once_newest_use_first()
    {
        var ids = await ManySessions.AddAsync(app, ada, 4);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await ada.RefreshAsync();
        ids.Reverse();
        Guid[] expected = [ada.SessionId, .. ids];
        foreach (var limit in new[] { 1, 2, 3, 4, 5, 200 })
        {
            var pages = await ReadAsync($"limit={limit}");
            Assert.Equal(expected, pages.SelectMany(page => page.Ids));
            Assert.All(pages.SkipLast(1), page => Assert.Equal(limit, page.Ids.Count));
            Assert.All(pages, page => Assert.Equal(5, page.Total));
        }
    }

    [Fact]
    public async Task More_sessions_than_one_query_reads_are_all_shown()
    {
        var ids = await ManySessions.AddAsync(app, ada, 2100);
        var pages = await ReadAsync("");
        Assert.Equal(11, pages.Count);
        Assert.All(pages, page => Assert.Equal(2101, page.Total));
        Assert.Equal(ids.Append(ada.SessionId).Order(), pages.SelectMany(page => page.Ids).Order());
    }

    [Fact]
    public async Task Ended_sessions_follow_live_ones_over_pages()
    {
        var ids = await ManySessions.AddAsync(app, ada, 6);
        foreach (var id in ids[..4])
        {
            await app.Get<SessionEnder>().EndAsync([id], EndReason.Revoked, Ct);
            app.Clock.Advance(TimeSpan.FromMilliseconds(ids.IndexOf(id) % 2));
        }

        // One has ended by its age, and no sweep has found it.
        await app.InDatabaseAsync(db => db.Sessions.Where(s => s.Id == ids[4]).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.RotatedAt, app.Clock.GetUtcNow() - TimeSpan.FromDays(15)), Ct));
        Guid[] expected =
        [
            .. new[] { ada.SessionId, ids[5] }.OrderDescending(),
            .. ids[2..4].OrderDescending(), .. ids[..2].OrderDescending(), ids[4],
        ];
        foreach (var limit in new[] { 1, 2, 3, 5, 7 })
        {
            var pages = await ReadAsync($"ended=true&limit={limit}");
            Assert.Equal(expected, pages.SelectMany(page => page.Ids));
            Assert.All(pages, page => Assert.Equal(7, page.Total));
        }

        Assert.Equal(2, Assert.Single(await ReadAsync("")).Total);
    }

    [Fact]
    public async Task Latest_1000_ended_sessions_are_shown_and_counted()
    {
        var ids = await ManySessions.AddAsync(app, ada, SessionLister.MaxEnded + 2);
        await app.InDatabaseAsync(async db =>
        {
            var rows = await db.Sessions.Where(s => s.Id != ada.SessionId).OrderBy(s => s.Id).ToListAsync(Ct);
            db.UpdateRange(rows);
            foreach (var (place, row) in rows.Index())
            {
                (row.EndedAt, row.EndReason) = (app.Clock.GetUtcNow().AddMilliseconds(-place), EndReason.Revoked);
            }

            return await db.SaveChangesAsync(Ct);
        });
        var pages = await ReadAsync("ended=true");
        Assert.Equal(ids[..SessionLister.MaxEnded].Prepend(ada.SessionId), pages.SelectMany(page => page.Ids));
        Assert.All(pages, page => Assert.Equal(SessionLister.MaxEnded + 1, page.Total));
    }

    [Fact]
    public async Task Session_used_between_pages_is_not_shown_twice()
    {
        var ids = await ManySessions.AddAsync(app, ada, 3);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var first = await PageAsync("limit=2");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var second = await PageAsync($"limit=2&after={first.Next}");
        Assert.Equal([ada.SessionId, ids[2], ids[1], ids[0]], first.Ids.Concat(second.Ids));
        Assert.Null(second.Next);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=+1", "limit")]
    [InlineData("limit=%201", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("after=", "after")]
    [InlineData("after=AAAA", "after")]
    [InlineData("after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", "after")]
    [InlineData("after=AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "after")]
    [InlineData("after=AP________8AAAAAAAAAAAAAAAAAAAAAAA", "after")]
    [InlineData("after=AH________8AAAAAAAAAAAAAAAAAAAAAAA", "after")]
    [InlineData("after=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "after")]
    [InlineData("after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D%3D", "after")]
    public async Task Query_that_breaks_its_rule_is_refused(string query, string field)
    {
        var problem = await (await ada.GetAsync("/sessions?" + query)).ShouldBeProblemAsync(400, "invalid_request");
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task Position_that_is_none_of_server_is_taken_by_its_rule()
    {
        Assert.Empty((await PageAsync("after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).Ids);
        Assert.Empty((await PageAsync("ended=true&after=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).Ids);
    }

    private async Task<List<(List<Guid> Ids, int Total)>> ReadAsync(string query)
    {
        var pages = new List<(List<Guid> Ids, int Total)>();
        var after = "";
        while (true)
        {
            var (ids, total, next) = await PageAsync(query + after);
            pages.Add((ids, total));
            if (next is null)
            {
                return pages;
            }

            after = "&after=" + next;
        }
    }

    private async Task<(List<Guid> Ids, int Total, string? Next)> PageAsync(string query)
    {
        var page = await (await ada.GetAsync("/sessions?" + query)).ShouldBeJsonAsync();
        var sessions = page.GetProperty("sessions").EnumerateArray();
        List<Guid> ids = [.. sessions.Select(session => session.GetProperty("id").GetGuid())];
        var next = page.TryGetProperty("next", out JsonElement value) ? value.GetString() : null;
        return (ids, page.GetProperty("total").GetInt32(), next);
    }
}
