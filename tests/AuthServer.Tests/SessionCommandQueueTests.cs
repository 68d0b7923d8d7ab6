using System.Data.Common;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>The queue whose commands share one transaction.</summary>
public sealed class SessionCommandQueueTests
{
    private static readonly ClientInfo Client = new(null, null);

    private static readonly EndedSessionMemory Memory = EndedSessionMemory.For(TimeSpan.FromSeconds(20));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transaction_sees_writes_of_other_programs_since_last_one()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));
        Assert.True(await app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) => (await transaction.Db.Users.SingleAsync(ct)).Disabled, Ct));
    }

    [Fact]
    public async Task Commands_of_one_session_in_one_batch_see_one_another()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var queue = app.Get<SessionCommandQueue>();
        var token = new RefreshToken(ada.SessionId, 0);
        var (tabs, logout, late) = await app.InOneBatchAsync(() => (
            Task.WhenAll(queue.RefreshAsync(token, Client), queue.RefreshAsync(token, Client)),
            queue.EndAsync(ada.SessionId, EndReason.Logout, null, Client),
            queue.RefreshAsync(token with { Generation = 1 }, Client)));

        RotationDecision[] decisions = [new Rotate(1, 0, app.Clock.GetUtcNow(), Recovered: false), new Repeat(1)];
        Assert.Equal(decisions, (await tabs).Select(result => Assert.IsType<RefreshGranted>(result).Decision));
        Assert.True(await logout);
        Assert.Equal(new RefreshRefused(new Refuse(EndReason.Logout)), await late);
        Assert.Equal((1u, EndReason.Logout), await RowAsync(app, ada));
    }

    [Fact]
    public async Task Waiting_commands_share_one_transaction()
    {
        var counter = new DatabaseProbe();
        await using var app = new AuthServerApp(counter.AddTo);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => app.LogInAsync($"user{n}")));
        var queue = app.Get<SessionCommandQueue>();
        var before = 0;
        var verdicts = await app.InOneBatchAsync(() =>
        {
            before = counter.Transactions;
            return sessions.Select(s => queue.RefreshAsync(new RefreshToken(s.SessionId, 0), Client)).ToList();
        });

        Assert.All(await Task.WhenAll(verdicts), result => Assert.Equal(1u, GenerationOf(result)));

        // One for the command that the worker waited with, and one for the twenty behind it.
        Assert.Equal(before + 2, counter.Transactions);
    }

    [Fact]
    public async Task Command_that_fails_does_so_alone_in_its_batch()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.RefuseUpdates(ada.SessionId), Ct));
        var queue = app.Get<SessionCommandQueue>();
        var (broken, sound) = await app.InOneBatchAsync(() => (
            queue.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client),
            queue.RefreshAsync(new RefreshToken(bob.SessionId, 0), Client)));

        Assert.Equal(1u, GenerationOf(await sound));
        await Assert.ThrowsAnyAsync<Exception>(() => broken);
    }

    [Fact]
    public async Task Damaged_session_fails_alone_among_many()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => app.LogInAsync($"user{n}")));
        var queue = app.Get<SessionCommandQueue>();
        probe.DamagedSession = sessions[7].SessionId;
        var answers = await app.InOneBatchAsync(() =>
            sessions.Select(s => queue.RefreshAsync(new RefreshToken(s.SessionId, 0), Client)).ToList());
        var damaged = await Assert.ThrowsAsync<UnavailableException>(() => answers[7]);
        Assert.False(damaged.IsOutcomeUnknown);
        answers.RemoveAt(7);
        Assert.All(await Task.WhenAll(answers), result => Assert.Equal(1u, GenerationOf(result)));
    }

    [Fact]
    public async Task Batch_that_fails_changes_nothing_and_next_one_works()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var token = new RefreshToken(ada.SessionId, 0);
        var queue = app.Get<SessionCommandQueue>();
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.RefuseUpdates(), Ct));
        await Assert.ThrowsAnyAsync<DbException>(() => queue.RefreshAsync(token, Client));
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.AllowUpdates, Ct));
        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        Assert.Equal(1u, GenerationOf(await queue.RefreshAsync(token, Client)));
    }

    [Fact]
    public async Task Stop_answers_waiting_commands_and_refuses_later_ones()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var queue = app.Get<SessionCommandQueue>();
        var token = new RefreshToken(ada.SessionId, 0);
        var (waiting, stop) = await app.InOneBatchAsync(() => (queue.RefreshAsync(token, Client), queue.StopAsync(Ct)));
        Assert.Equal(1u, GenerationOf(await waiting));
        await stop;
        await Assert.ThrowsAsync<UnavailableException>(() => queue.RefreshAsync(token, Client));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
    }

    [Fact]
    public async Task Command_is_either_taken_or_withdrawn()
    {
        for (var round = 0; round < 1000; round++)
        {
            var command = new EndCommand(Guid.NewGuid(), EndReason.Logout, userId: null, Client, Memory, queuedAt: 0);
            var results = await Task.WhenAll(Task.Run(command.TryTake, Ct), Task.Run(command.TryWithdraw, Ct));
            Assert.Single(results, isDone => isDone);
            Assert.False(command.TryTake());
            Assert.False(command.TryWithdraw());
        }
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(31, 0)]
    public async Task End_is_confirmed_while_it_is_remembered(int secondsLater, int confirmed)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(secondsLater));
        var repeated = new EndCommand(ada.SessionId, EndReason.Logout, userId: null, Client, Memory, queuedAt: 0);
        var result = await app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) =>
                repeated.Apply(transaction, (await transaction.LoadAsync([ada.SessionId], ct))[ada.SessionId]),
            isBatch: true,
            Ct);
        Assert.Equal(confirmed, result.Confirmed.Count);
        Assert.Empty(result.Ended);
    }

    [Fact]
    public async Task Command_that_was_withdrawn_at_its_timeout_changes_nothing_later()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        var token = new RefreshToken(ada.SessionId, 0);

        // Commands wait until the queue is started.
        var queue = ActivatorUtilities.CreateInstance<SessionCommandQueue>(app.Services);
        probe.Timeouts = app.Get<IStorageProvider>().Timeouts with { Work = TimeSpan.FromMilliseconds(1) };
        var timedOut = await Assert.ThrowsAsync<UnavailableException>(() => queue.RefreshAsync(token, Client));
        Assert.False(timedOut.IsOutcomeUnknown);
        probe.Timeouts = null;

        // The queue handles the second command after the one that was withdrawn.
        await queue.StartAsync(Ct);
        await queue.EndAsync(Guid.NewGuid(), EndReason.Logout, userId: null, Client);
        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        Assert.Equal(1u, GenerationOf(await queue.RefreshAsync(token, Client)));
        await queue.StopAsync(Ct);
    }

    [Fact]
    public async Task Queue_stops_after_server_has_stopped_taking_requests()
    {
        await using var app = new AuthServerApp();
        var hosted = app.Services.GetServices<IHostedService>().Select(service => service.GetType().Name).ToList();
        Assert.True(hosted.IndexOf(nameof(SessionCommandQueue)) < hosted.IndexOf("GenericWebHostService"));
    }

    private static async Task<(uint, EndReason?)> RowAsync(AuthServerApp app, LoggedInDevice session)
    {
        var row = await app.RowOfAsync(session);
        return (row.Generation, row.EndReason);
    }

    private static uint GenerationOf(RefreshResult result) => Assert.IsType<RefreshGranted>(result).Grant.Generation;
}
