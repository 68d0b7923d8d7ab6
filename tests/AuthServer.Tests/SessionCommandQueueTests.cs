using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>The queue before the one transaction that rotates and ends sessions.</summary>
public sealed class SessionCommandQueueTests
{
    // Of tests whose failure is that nobody is ever answered.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly ClientInfo Client = new(null, null);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turn_sees_what_another_program_wrote_since_the_turn_before()
    {
        await using var app = new AuthServerApp();
        await app.SignInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));
        Assert.True(await app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) => (await transaction.Db.Users.SingleAsync(ct)).Disabled, Ct));
    }

    [Fact]
    public async Task Two_tabs_and_a_logout_in_one_batch_see_one_another()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        var writer = app.Get<SessionCommandQueue>();
        var token = new RefreshToken(ada.SessionId, 0);
        var (tabs, logout, late) = await app.InOneBatchAsync(() => (
            Task.WhenAll(writer.RefreshAsync(token, Client), writer.RefreshAsync(token, Client)),
            writer.EndAsync(ada.SessionId, EndReason.Logout, null, Client),
            writer.RefreshAsync(token with { Generation = 1 }, Client)));

        Assert.Equal([new Rotate(1, 0, app.Clock.GetUtcNow(), Recovered: false), new Repeat(1)], (await tabs).Select(verdict => verdict.Decision));
        Assert.True(await logout);
        Assert.Equal(new Refuse(EndReason.Logout), (await late).Decision);
        Assert.Equal((1u, EndReason.Logout), await RowAsync(app, ada));
    }

    [Fact]
    public async Task Waiting_commands_share_one_transaction()
    {
        var counter = new DatabaseProbe();
        await using var app = new AuthServerApp(counter.AddTo);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => app.SignInAsync($"user{n}")));
        var writer = app.Get<SessionCommandQueue>();
        var before = 0;
        var verdicts = await app.InOneBatchAsync(() =>
        {
            before = counter.Transactions;
            return sessions.Select(s => writer.RefreshAsync(new RefreshToken(s.SessionId, 0), Client)).ToList();
        });

        Assert.All(await Task.WhenAll(verdicts), verdict => Assert.Equal(1u, verdict.Grant!.Generation));

        // The one that stood before the gate, and all twenty behind it.
        Assert.Equal(before + 2, counter.Transactions);
    }

    [Fact]
    public async Task Command_that_can_not_be_done_fails_alone_in_its_batch()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        var bob = await app.SignInAsync("bob");
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.RefuseUpdates(ada.SessionId), Ct));
        var writer = app.Get<SessionCommandQueue>();
        var (broken, sound) = await app.InOneBatchAsync(() => (
            writer.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client), writer.RefreshAsync(new RefreshToken(bob.SessionId, 0), Client)));

        Assert.Equal(1u, (await sound).Grant!.Generation);
        await Assert.ThrowsAnyAsync<Exception>(() => broken);
    }

    [Fact]
    public async Task Log_that_fails_keeps_nobody_from_an_answer()
    {
        await using var app = new AuthServerApp(services => services.AddSingleton<ILoggerProvider>(new LogThatFails()));
        var ada = await app.SignInAsync("ada");
        var bob = await app.SignInAsync("bob");
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var writer = app.Get<SessionCommandQueue>();
        var (reused, sound) = await app.InOneBatchAsync(() => (
            writer.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client), writer.RefreshAsync(new RefreshToken(bob.SessionId, 0), Client)));

        Assert.IsType<EndAsReused>((await reused.WaitAsync(Patience, Ct)).Decision);
        Assert.Equal(1u, (await sound.WaitAsync(Patience, Ct)).Grant!.Generation);
        Assert.Equal(EndReason.Reused, (await app.RowOfAsync(ada)).EndReason);
        await bob.RefreshAsync(new RefreshToken(bob.SessionId, 1).Encode(app.Get<ServerKeys>().Refresh));
    }

    [Fact]
    public async Task Log_that_fails_while_the_database_is_away_leaves_nobody_without_an_answer()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(services =>
        {
            probe.AddTo(services);
            services.AddSingleton<ILoggerProvider>(new LogThatFails());
        });
        var ada = await app.SignInAsync("ada");
        var writer = app.Get<SessionCommandQueue>();
        probe.CommandFault = TestDatabase.Away;
        writer.CountLoginFailure(Guid.NewGuid(), Client);
        await Assert.ThrowsAnyAsync<Exception>(() => writer.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client).WaitAsync(Patience, Ct));
        probe.CommandFault = null;
        Assert.Equal(1u, (await writer.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client)).Grant!.Generation);
    }

    [Fact]
    public async Task Batch_that_fails_changes_nothing_and_the_next_one_works()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        var token = new RefreshToken(ada.SessionId, 0);
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.RefuseUpdates(), Ct));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => app.Get<SessionCommandQueue>().RefreshAsync(token, Client));
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.AllowUpdates, Ct));
        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        Assert.Equal(1u, (await app.Get<SessionCommandQueue>().RefreshAsync(token, Client)).Grant!.Generation);
    }

    [Fact]
    public async Task Stop_answers_what_waits_and_refuses_what_comes_after()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        var writer = app.Get<SessionCommandQueue>();
        var token = new RefreshToken(ada.SessionId, 0);
        var (waiting, stop) = await app.InOneBatchAsync(() => (writer.RefreshAsync(token, Client), writer.StopAsync(Ct)));
        Assert.Equal(1u, (await waiting).Grant!.Generation);
        await stop;
        await Assert.ThrowsAsync<UnavailableException>(() => writer.RefreshAsync(token, Client));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
    }

    [Fact]
    public async Task Writer_stops_after_the_server_has_stopped_taking_requests()
    {
        await using var app = new AuthServerApp();
        var hosted = app.Services.GetServices<IHostedService>().Select(service => service.GetType().Name).ToList();
        Assert.True(hosted.IndexOf(nameof(SessionCommandQueue)) < hosted.IndexOf("GenericWebHostService"));
    }

    private static async Task<(uint, EndReason?)> RowAsync(AuthServerApp app, SignedIn session)
    {
        var row = await app.RowOfAsync(session);
        return (row.Generation, row.EndReason);
    }

    private sealed class LogThatFails : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is "refresh_token_reused" or "LoginFailureNotCounted")
            {
                throw new IOException("The log is full.");
            }
        }

        public void Dispose()
        {
        }
    }
}
