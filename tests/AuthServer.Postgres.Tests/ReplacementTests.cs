using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>Logins that replace a session of another user, beside other transactions on the same sessions.</summary>
public sealed class ReplacementTests
{
    // With a limit, a login locks all live sessions of its user too.
    private static readonly (string, string) Limit = ("Sessions:MaxPerUser", "100");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ada", "bob")]
    [InlineData("bob", "ada")]
    public async Task Login_locks_its_sessions_in_order_of_ids(string user, string replaced)
    {
        await using var nodes = new Nodes(1, Limit);
        var node = nodes[0];
        var sessions = new Dictionary<string, LoggedInDevice>();
        foreach (var name in new[] { "ada", "bob" })
        {
            sessions[name] = await node.LogInAsync(name);
            node.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var (first, second) = (sessions["ada"].SessionId, sessions["bob"].SessionId);
        await using var other = await OpenAsync(nodes);
        await using var transaction = await other.BeginTransactionAsync(Ct);
        await ExecuteAsync(other, $"SELECT FROM sessions WHERE id = '{first}' FOR UPDATE");
        var store = node.Get<SessionStore>();
        var login = store.OpenAsync(await LoginAsync(node, user, sessions[replaced].SessionId), Ct);
        await using var observer = await OpenAsync(nodes);
        await Eventually.BecomesAsync(async () => await ExecuteAsync(
            observer, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is 1);

        // A login that held this one would wait for a transaction that waits for it.
        await ExecuteAsync(observer, $"SELECT FROM sessions WHERE id = '{second}' FOR UPDATE NOWAIT");
        await transaction.CommitAsync(Ct);
        Assert.IsType<SessionOpened>(await login);
        Assert.Equal(EndReason.Replaced, (await node.RowOfAsync(sessions[replaced])).EndReason);
        Assert.Null((await node.RowOfAsync(sessions[user])).EndReason);
    }

    [Fact]
    public async Task Users_who_replace_sessions_of_each_other_are_both_logged_in()
    {
        await using var nodes = new Nodes(2, Limit);
        for (var round = 0; round < 50; round++)
        {
            var (ada, bob) = (await nodes[0].LogInAsync("ada"), await nodes[0].LogInAsync("bob"));
            NewSession[] logins =
            [
                await LoginAsync(nodes[0], "ada", bob.SessionId),
                await LoginAsync(nodes[1], "bob", ada.SessionId),
            ];
            var (one, other) = (nodes[0].Get<SessionStore>(), nodes[1].Get<SessionStore>());
            var results = await Task.WhenAll(one.OpenAsync(logins[0], Ct), other.OpenAsync(logins[1], Ct));
            Assert.All(results, result => Assert.IsType<SessionOpened>(result));
            Assert.Equal(EndReason.Replaced, (await nodes[0].RowOfAsync(ada)).EndReason);
            Assert.Equal(EndReason.Replaced, (await nodes[0].RowOfAsync(bob)).EndReason);
        }
    }

    private static async Task<NewSession> LoginAsync(AuthServerApp node, string username, Guid replaces)
    {
        var user = await node.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Username == username, Ct));
        var proof = new AuthenticationProof(user.Id, AuthenticationMethods.Password, node.Clock.GetUtcNow(), user.SecurityStamp);
        return new NewSession(proof, null, null, new ClientInfo(null, null), replaces);
    }

    private static async Task<NpgsqlConnection> OpenAsync(Nodes nodes)
    {
        var name = TestDatabase.NameOf(nodes.DataDirectory);
        var connection = new NpgsqlConnection(await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(name));
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Made of ids of this test.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Ct);
    }
}
