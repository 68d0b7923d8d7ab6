using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>The queue of commands while the log or the database fails.</summary>
public sealed class SessionCommandFaultTests
{
    // For tests that fail by waiting for an answer. Deliberately real time.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(1);

    private static readonly ClientInfo Client = new(null, null);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_that_fails_keeps_no_command_from_its_answer()
    {
        await using var app = new AuthServerApp(services => services.AddSingleton<ILoggerProvider>(new LogThatFails()));
        var ada = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var queue = app.Get<SessionCommandQueue>();
        var (reused, sound) = await app.InOneBatchAsync(() => (
            queue.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client),
            queue.RefreshAsync(new RefreshToken(bob.SessionId, 0), Client)));

        Assert.Equal(new RefreshRefused(new EndAsReused()), await reused.WaitAsync(AnswerTimeout, Ct));
        Assert.Equal(1u, GenerationOf(await sound.WaitAsync(AnswerTimeout, Ct)));
        Assert.Equal(EndReason.Reused, (await app.RowOfAsync(ada)).EndReason);
        await bob.RefreshAsync(new RefreshToken(bob.SessionId, 1).Encode(app.Get<ServerKeys>().Refresh));
    }

    [Fact]
    public async Task Log_that_fails_while_database_is_away_leaves_no_command_unanswered()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(services =>
        {
            probe.AddTo(services);
            services.AddSingleton<ILoggerProvider>(new LogThatFails());
        });
        var ada = await app.LogInAsync("ada");
        var queue = app.Get<SessionCommandQueue>();
        probe.CommandFault = TestDatabase.Away;
        app.Get<EventCounter>().Count(new SecurityEvent(EventKind.LoginFailed, Client, Guid.NewGuid()));
        var token = new RefreshToken(ada.SessionId, 0);
        await Assert.ThrowsAnyAsync<Exception>(() => queue.RefreshAsync(token, Client).WaitAsync(AnswerTimeout, Ct));
        probe.CommandFault = null;
        Assert.Equal(1u, GenerationOf(await queue.RefreshAsync(token, Client)));
    }

    [Fact]
    public async Task Batch_whose_outcome_is_unknown_is_not_applied_again()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        using var queue = ActivatorUtilities.CreateInstance<SessionCommandQueue>(app.Services);
        Task<RefreshResult>[] refreshes =
        [
            queue.RefreshAsync(new RefreshToken(ada.SessionId, 0), Client),
            queue.RefreshAsync(new RefreshToken(bob.SessionId, 0), Client),
        ];
        probe.CommitFault = new UnavailableException("lost", TestDatabase.Damaged) { IsOutcomeUnknown = true };
        var before = probe.Transactions;
        await queue.StartAsync(Ct);
        foreach (var refresh in refreshes)
        {
            Assert.True((await Assert.ThrowsAsync<UnavailableException>(() => refresh)).IsOutcomeUnknown);
        }

        Assert.Equal(before + 1, probe.Transactions);
        await queue.StopAsync(Ct);
    }

    [Fact]
    public async Task Commands_that_wait_while_database_is_away_fail_with_first_batch()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        app.CreateClient();

        // More than one batch, which waits until the queue is started.
        using var queue = ActivatorUtilities.CreateInstance<SessionCommandQueue>(app.Services);
        var ends = Enumerable.Range(0, 600)
            .Select(_ => queue.EndAsync(Guid.NewGuid(), EndReason.Logout, userId: null, Client)).ToList();
        probe.CommandFault = TestDatabase.Away;
        var before = probe.Transactions;
        await queue.StartAsync(Ct);
        foreach (var end in ends)
        {
            await Assert.ThrowsAsync<UnavailableException>(() => end);
        }

        Assert.Equal(before + 1, probe.Transactions);
        await queue.StopAsync(Ct);
    }

    private static uint GenerationOf(RefreshResult result) => Assert.IsType<RefreshGranted>(result).Grant.Generation;

    private sealed class LogThatFails : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is "refresh_token_reused" or "login_failed" or "event_not_counted")
            {
                throw new IOException("The log is full.");
            }
        }

        public void Dispose()
        {
        }
    }
}
