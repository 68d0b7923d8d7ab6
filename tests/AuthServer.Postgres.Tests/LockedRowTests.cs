using System.Net;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>Rows that another program keeps locked: requests that need one wait for it, and no other request does.</summary>
public sealed class LockedRowTests : IAsyncDisposable
{
    private const string Session = "SELECT FROM sessions WHERE id = $1 FOR UPDATE";
    private const string User =
        "SELECT FROM users WHERE id = (SELECT user_id FROM sessions WHERE id = $1) FOR UPDATE";
    private const string Failures =
        "SELECT FROM events WHERE kind = 2 AND user_id = (SELECT user_id FROM sessions WHERE id = $1) FOR UPDATE";

    private const string Registration =
        """
        INSERT INTO users (id, username, normalized_username, password_hash, security_stamp, roles, disabled, created_at)
        VALUES ($1, 'ada', 'ada', '', $1, '{}', false, 0)
        """;

    private readonly Nodes nodes = new(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AuthServerApp Node => nodes[0];

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Fact]
    public async Task Refreshes_of_locked_session_delay_no_other_request()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        Task<HttpResponseMessage[]> waiting;
        await using (await LockAsync(Session, ada.SessionId))
        {
            waiting = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ada.PresentAsync(ada.Pair.RefreshToken)));
            await ShouldWorkAsync(bob);
            Assert.False(waiting.IsCompleted);
        }

        var successors = new HashSet<string>();
        foreach (var answer in await waiting)
        {
            successors.Add((await answer.ShouldBePairAsync()).RefreshToken);
        }

        Assert.Single(successors);
        Assert.Equal(1u, (await Node.RowOfAsync(ada)).Generation);
    }

    [Fact]
    public async Task Logout_that_shares_batch_with_locked_session_is_answered()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        var queue = Node.Get<SessionCommandQueue>();
        var client = new ClientInfo(null, null);
        Task<RefreshResult> waiting;
        await using (await LockAsync(Session, ada.SessionId))
        {
            (waiting, var logout) = await Node.InOneBatchAsync(() => (
                queue.RefreshAsync(new RefreshToken(ada.SessionId, 0), client),
                queue.EndAsync(bob.SessionId, EndReason.Logout, userId: null, client)));
            Assert.True(await logout);
            Assert.False(waiting.IsCompleted);
        }

        Assert.IsType<RefreshGranted>(await waiting);
    }

    [Fact]
    public async Task Session_that_stays_locked_is_refused_alone_and_unchanged()
    {
        var hurried = nodes.Add(services => services.AddSingleton(
            StorageTimeouts.OfCommands with { Work = TimeSpan.FromMilliseconds(300) }));
        var ada = (await Node.LogInAsync("ada")).On(hurried);
        await using (await LockAsync(Session, ada.SessionId))
        {
            foreach (var answer in new[] { await ada.PresentAsync(ada.Pair.RefreshToken), await ada.LogoutAsync() })
            {
                var problem = await answer.ShouldBeProblemAsync(503, "unavailable");
                Assert.False(problem.TryGetProperty("outcome", out _));
            }
        }

        var row = await Node.RowOfAsync(ada);
        Assert.Equal((0u, null), (row.Generation, row.EndedAt));
        await ada.On(Node).RefreshAsync();
    }

    [Fact]
    public async Task Repeated_logout_waits_until_end_is_certain()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        await ada.LogoutAsync();
        Task<HttpResponseMessage> repeated;
        await using (await LockAsync(Session, ada.SessionId))
        {
            repeated = ada.LogoutAsync();
            await ShouldWorkAsync(bob);
            Assert.False(repeated.IsCompleted);
        }

        (await repeated).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Transactions_of_locked_user_keep_no_slot()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        Task<HttpResponseMessage[]> waiting;
        await using (await LockAsync(User, ada.SessionId))
        {
            // More than transactions may write at the same time.
            waiting = Task.WhenAll(Enumerable.Range(0, 2 * Node.Get<IStorageProvider>().WriteConcurrency)
                .Select(_ => ada.SendAsync(HttpMethod.Post, "/logout/all?except=current")));
            await ShouldWorkAsync(bob);
            Assert.False(waiting.IsCompleted);
        }

        Assert.All(await waiting, answer => answer.ShouldBe(HttpStatusCode.NoContent));
    }

    [Fact]
    public async Task Logout_of_all_waits_for_one_locked_session_alone()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        var locked = await Node.LogInAsync("ada");
        Task<HttpResponseMessage> waiting;
        await using (await LockAsync(Session, locked.SessionId))
        {
            waiting = ada.SendAsync(HttpMethod.Post, "/logout/all");
            await ShouldWorkAsync(bob);
            Assert.False(waiting.IsCompleted);
        }

        (await waiting).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(EndReason.LogoutAll, (await Node.RowOfAsync(locked)).EndReason);
    }

    [Fact]
    public async Task Command_ends_all_sessions_except_locked_one_and_says_so()
    {
        var hurried = nodes.Add(services => services.AddSingleton(
            StorageTimeouts.OfCommands with { Work = TimeSpan.FromSeconds(2) }));
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        var ender = hurried.Get<SessionEnder>();
        await using (await LockAsync(Session, ada.SessionId))
        {
            var held = await Assert.ThrowsAsync<UnavailableException>(() => ender.EndLiveAsync(null, EndReason.Revoked, Ct));
            Assert.Equal("Concurrent transactions hold 1 sessions, which have not ended.", held.Message);
            Assert.Equal(EndReason.Revoked, (await Node.RowOfAsync(bob)).EndReason);
        }

        Assert.Equal(1, await ender.EndLiveAsync(null, EndReason.Revoked, Ct));
        Assert.Equal(EndReason.Revoked, (await Node.RowOfAsync(ada)).EndReason);
    }

    [Fact]
    public async Task Registrations_of_name_in_open_transaction_keep_no_slot()
    {
        var bob = await Node.LogInAsync("bob");
        Task<HttpResponseMessage[]> waiting;
        await using (await LockAsync(Registration, Guid.CreateVersion7()))
        {
            waiting = Task.WhenAll(Enumerable.Range(0, 2 * Node.Get<IStorageProvider>().WriteConcurrency).Select(_ =>
                Node.CreateClient().PostAsync("/register", new { username = "ada", password = AuthServerApp.Password })));
            await ShouldWorkAsync(bob);
            Assert.False(waiting.IsCompleted);
        }

        Assert.Equal(1, (await waiting).Count(answer => answer.StatusCode == HttpStatusCode.Created));
    }

    [Fact]
    public async Task Locked_count_of_failed_logins_delays_no_request()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        await FailAsync("ada");
        await Eventually.BecomesAsync(async () => await FailuresAsync() == 1);
        await using (await LockAsync(Failures, ada.SessionId))
        {
            await FailAsync("ada");
            await ShouldWorkAsync(bob);
            await ada.RefreshAsync();
            Assert.Equal(1, await FailuresAsync());
        }

        await Eventually.BecomesAsync(async () => await FailuresAsync() == 2);
    }

    [Fact]
    public async Task Count_of_locked_account_is_lost_alone()
    {
        var hurried = nodes.Add(services => services.AddSingleton(
            StorageTimeouts.OfCommands with { Work = TimeSpan.FromSeconds(2) }));
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        await FailAsync("ada");
        await Eventually.BecomesAsync(async () => await FailuresAsync() == 1);
        await using (await LockAsync(Failures, ada.SessionId))
        {
            var (one, other) = (IdOf(ada), IdOf(bob));
            var counter = hurried.Get<EventCounter>();
            foreach (var user in new[] { one, other, one, other })
            {
                counter.Count(new SecurityEvent(EventKind.LoginFailed, new ClientInfo(null, null), user));
            }

            await Eventually.BecomesAsync(async () => await FailuresAsync() == 3);
            await Eventually.BecomesAsync(() => Task.FromResult(
                hurried.Log.Lines.Any(line => line.Event == "event_not_counted")));
        }

        Assert.Equal(3, await FailuresAsync());
    }

    [Fact]
    public async Task Sweep_leaves_locked_rows_to_next_one()
    {
        var (ada, bob) = (await Node.LogInAsync("ada"), await Node.LogInAsync("bob"));
        await ada.LogoutAsync();
        await bob.LogoutAsync();
        await using (await LockAsync(Session, ada.SessionId))
        {
            Node.Clock.Advance(TimeSpan.FromDays(31));
            await Node.SweepAsync();
            Assert.Equal([ada.SessionId], await Node.InDatabaseAsync(db => db.Sessions.Select(s => s.Id).ToListAsync(Ct)));
        }

        await Node.SweepAsync();
        Assert.Equal(0, await Node.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    // Everything that a session is used for, and a login of its user.
    private async Task ShouldWorkAsync(LoggedInDevice device)
    {
        await device.RefreshAsync();
        (await device.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await device.GetAsync("/sessions")).ShouldBe(HttpStatusCode.OK);
        var login = await Node.CreateClient().PostAsync("/login", new { username = "bob", password = AuthServerApp.Password });
        await login.ShouldBePairAsync();
    }

    private async Task FailAsync(string username)
    {
        var login = await Node.CreateClient().PostAsync("/login", new { username, password = "wrong password" });
        await login.ShouldBeProblemAsync(401, "invalid_credentials");
    }

    private static Guid IdOf(LoggedInDevice device) => device.Claims.GetProperty("sub").GetGuid();

    private Task<int> FailuresAsync() =>
        Node.InDatabaseAsync(db => db.Events.Where(e => e.Kind == EventKind.LoginFailed).SumAsync(e => e.Count, Ct));

    // Until it is disposed of.
    private async Task<RowLock> LockAsync(string sql, Guid id)
    {
        var server = await PostgresServer.GetAsync();
        var connection = new NpgsqlConnection(
            await server.ConnectionStringOfAsync(TestDatabase.NameOf(nodes.DataDirectory)) + ";Pooling=false");
        await connection.OpenAsync(Ct);
        var transaction = await connection.BeginTransactionAsync(Ct);
#pragma warning disable CA2100 // One of the constants above.
        await using var command = new NpgsqlCommand(sql, connection)
#pragma warning restore CA2100
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
        };
        await command.ExecuteNonQueryAsync(Ct);
        return new RowLock(connection, transaction);
    }

    /// <summary>A transaction that holds a lock. The server frees that of a closed connection at some later time.</summary>
    private sealed class RowLock(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.RollbackAsync();
            await connection.DisposeAsync();
        }
    }
}
