using AuthServer.Commands;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>Writes over a slow or silent network: the answer never says that nothing was changed when something was.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private const string Another = "an entirely different passphrase";

    // One packet each way: 0.45 s a round trip.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(225);

    private readonly Nodes nodes = new(1);
    private NetworkProxy? relay;
    private string? farDatabase;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private NetworkProxy Network => relay!;

    /// <summary>The node behind the network.</summary>
    private AuthServerApp Far => nodes[1];

    public async ValueTask InitializeAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(
            await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(TestDatabase.NameOf(nodes.DataDirectory)));
        relay = new NetworkProxy(settings.Port);
        settings.Port = relay.Port;
        _ = nodes[0].Services;
        farDatabase = settings.ConnectionString;
        nodes.Add(configure: null, ("ConnectionStrings:AuthServer", farDatabase));
        await Far.BecomesReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await nodes.DisposeAsync();
        if (relay is not null)
        {
            await relay.DisposeAsync();
        }
    }

    [Fact]
    public async Task Slow_register_that_is_refused_leaves_name_free()
    {
        Network.Delay = Slow;
        var answer = await Far.CreateClient().PostAsync("/register", new { username = "ada", password = AuthServerApp.Password });
        await SettleAsync();
        await ShouldTellTheTruthAsync(answer, await nodes[0].InDatabaseAsync(db => db.Users.AnyAsync(Ct)));
    }

    [Fact]
    public async Task Transaction_of_process_that_is_too_slow_is_run_again()
    {
        var backends = new List<int>();
        await nodes[0].Get<TransactionRunner>().RunAsync(
            async (transaction, ct) =>
            {
                backends.Add(((NpgsqlConnection)transaction.Db.Database.GetDbConnection()).ProcessID);
                if (backends.Count == 1)
                {
                    await transaction.Db.Database.ExecuteSqlAsync($"SET LOCAL idle_in_transaction_session_timeout = 10", ct);
                    await Eventually.BecomesAsync(() => nodes[0].InDatabaseAsync(async db => !await db.Database
                        .SqlQuery<int>($"""SELECT pid AS "Value" FROM pg_stat_activity""").ContainsAsync(backends[0], ct)));
                }

                transaction.Count(new EventRow { Kind = EventKind.RateLimited, At = transaction.Now, Network = "198.51.100.1" });
            },
            isBatch: false,
            Ct);
        Assert.Equal(2, backends.Count);
        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Events.CountAsync(e => e.Network != null, Ct)));
    }

    [Fact]
    public async Task Slow_login_that_is_refused_leaves_no_session()
    {
        await nodes[0].LogInAsync("ada");
        Network.Delay = Slow;
        var answer = await Far.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        await SettleAsync();
        await ShouldTellTheTruthAsync(answer, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(Ct)) == 2);
    }

    [Fact]
    public async Task Slow_password_change_that_is_refused_leaves_old_password()
    {
        var ada = (await nodes[0].LogInAsync("ada")).On(Far);
        var before = await nodes[0].InDatabaseAsync(db => db.Users.Select(u => u.PasswordHash).SingleAsync(Ct));
        Network.Delay = Slow;
        var answer = await ada.SendAsync(
            HttpMethod.Post, "/password", new { currentPassword = AuthServerApp.Password, newPassword = Another });
        await SettleAsync();
        var after = await nodes[0].InDatabaseAsync(db => db.Users.Select(u => u.PasswordHash).SingleAsync(Ct));
        await ShouldTellTheTruthAsync(answer, after != before);
    }

    [Theory]
    [InlineData("/logout/all")]
    [InlineData("/logout")]
    [InlineData("/refresh")]
    [InlineData("/sessions/")]
    public async Task Slow_write_of_sessions_is_answered_truthfully(string route)
    {
        var ada = (await nodes[0].LogInAsync("ada")).On(Far);
        Network.Delay = Slow;
        var answer = await (route switch
        {
            "/logout/all" => ada.SendAsync(HttpMethod.Post, route),
            "/sessions/" => ada.SendAsync(HttpMethod.Delete, route + ada.SessionId),
            _ => ada.SendAsync(HttpMethod.Post, route, new { refreshToken = ada.Pair.RefreshToken }),
        });
        await SettleAsync();
        var row = await nodes[0].RowOfAsync(ada);
        await ShouldTellTheTruthAsync(answer, row.EndedAt is not null || row.Generation > 0);
    }

    [Fact]
    public async Task Commit_without_answer_has_unknown_outcome()
    {
        await nodes[0].LogInAsync("ada");
        var silent = Network.SilenceAtAsync("INSERT INTO sessions", "COMMIT");
        var answer = await Far.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        Assert.True(silent.IsCompletedSuccessfully);
        Network.Restore();
        await ShouldBeUnknownAsync(answer);
        await SettleAsync();
        Assert.Equal(2, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Commit_with_late_answer_is_success()
    {
        await nodes[0].LogInAsync("ada");
        var silent = Network.SilenceAtAsync("INSERT INTO sessions", "COMMIT");
        var login = Far.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        await silent;
        Network.Restore();
        await (await login).ShouldBePairAsync();
    }

    [Fact]
    public async Task Refresh_without_answer_has_unknown_outcome_and_can_be_sent_again()
    {
        var ada = (await nodes[0].LogInAsync("ada")).On(Far);
        var silent = Network.SilenceAtAsync("authserver_ends");
        var answer = await ada.PresentAsync(ada.Pair.RefreshToken);
        Assert.True(silent.IsCompletedSuccessfully);
        Network.Restore();
        await ShouldBeUnknownAsync(answer);
        await SettleAsync();
        Assert.Equal(1u, (await nodes[0].RowOfAsync(ada)).Generation);
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Command_waits_longer_than_request()
    {
        var ada = await nodes[0].LogInAsync("ada");

        // A round trip longer than a statement of a request may take.
        Network.Delay = 3 * Slow;
        var code = await CommandLine.RunAsync(
            [
                "sessions", "end", "--all", $"--Data:Directory={nodes.DataDirectory}", "--Storage:Provider=postgres",
                $"--ConnectionStrings:AuthServer={farDatabase};Timeout=30",
            ],
            Composition.CreateBuilder);
        Assert.Equal(0, code);
        Assert.Equal(EndReason.Revoked, (await nodes[0].RowOfAsync(ada)).EndReason);
    }

    // Whatever the node still does in the database has come to its end once no transaction of it is open, several times in a row.
    private async Task SettleAsync()
    {
        Network.Delay = TimeSpan.Zero;
        var quiet = 0;
        await Eventually.BecomesAsync(async () =>
        {
            var open = await nodes[0].InDatabaseAsync(db => db.Database.SqlQueryRaw<int>(
                """
                SELECT count(*)::int AS "Value" FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                """).SingleAsync(Ct));
            quiet = open == 0 ? quiet + 1 : 0;
            return quiet == 500;
        });
    }

    private static async Task ShouldBeUnknownAsync(HttpResponseMessage answer)
    {
        var problem = await answer.ShouldBeProblemAsync(503, "unavailable");
        Assert.Equal("unknown", problem.GetProperty("outcome").GetString());
    }

    private static async Task ShouldTellTheTruthAsync(HttpResponseMessage answer, bool wasWritten)
    {
        if (answer.IsSuccessStatusCode)
        {
            Assert.True(wasWritten);
            return;
        }

        var problem = await answer.ShouldBeProblemAsync(503, "unavailable");
        Assert.True(!wasWritten || problem.TryGetProperty("outcome", out _), problem.ToString());
    }
}
