using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Reads of recent ends and the cache of ended sessions: an end is remembered once, however often it is read.</summary>
public sealed class SessionEndPublisherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-5, 30)]
    [InlineData(0, 30)]
    [InlineData(0.4, 30)]
    [InlineData(5, 35)]
    public async Task End_of_other_node_is_remembered_once(double secondsAhead, int lastSecond)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var endedAt = app.Clock.GetUtcNow() + TimeSpan.FromSeconds(secondsAhead);
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(s => s.EndedAt, endedAt).SetProperty(s => s.EndReason, EndReason.Revoked), Ct));
        var cache = NewCache(app);
        Assert.Equal(Enumerable.Range(0, lastSecond + 1), await FindSecondsAsync(app, cache, ada.SessionId));
    }

    [Fact]
    public async Task End_of_this_node_is_remembered_once()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        var row = await app.RowOfAsync(ada);
        var cache = NewCache(app);
        cache.OnEnded([new SessionEnd(row.Id, row.EndReason!.Value, row.EndedAt!.Value)]);
        Assert.Equal(Enumerable.Range(0, 31), await FindSecondsAsync(app, cache, ada.SessionId));
    }

    // Not the server's, which also gets ends by real time, and so after this clock has advanced.
    private static EndedSessionCache NewCache(AuthServerApp app) => new(app.Get<EndedSessionMemory>(), app.Clock);

    /// <summary>Reads recent ends every second for two minutes. Returns the seconds in which an end was remembered.</summary>
    private static async Task<List<int>> FindSecondsAsync(AuthServerApp app, EndedSessionCache cache, Guid sessionId)
    {
        var publisher = new SessionEndPublisher(
            app.Get<IStorageProvider>(), [cache], app.Get<EndedSessionMemory>(), app.Clock);
        var seconds = new List<int>();
        for (var second = 0; second <= 120; second++)
        {
            await publisher.ReloadAsync(Ct);
            if (cache.ReasonOf(sessionId) is not null)
            {
                seconds.Add(second);
            }

            Assert.Equal(seconds.LastOrDefault(-1) == second ? 1 : 0, cache.Count);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        return seconds;
    }
}
