using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>
/// A lock on the row of an account. Requests that would change the account wait for it, after they have read what they check.
/// </summary>
internal sealed class AccountLock : IAsyncDisposable
{
    private readonly NpgsqlConnection owner;
    private readonly NpgsqlConnection observer;

    private AccountLock(NpgsqlConnection owner, NpgsqlConnection observer) => (this.owner, this.observer) = (owner, observer);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Locks the account of a name.</summary>
    public static async Task<AccountLock> TakeAsync(Nodes nodes, string username)
    {
        var taken = new AccountLock(await OpenAsync(nodes), await OpenAsync(nodes));
        await using var transaction = new NpgsqlCommand("BEGIN", taken.owner);
        await transaction.ExecuteNonQueryAsync(Ct);
        await using var row = new NpgsqlCommand("SELECT id FROM users WHERE username = $1 FOR UPDATE", taken.owner)
        {
            Parameters = { new() { Value = username } },
        };
        Assert.NotNull(await row.ExecuteScalarAsync(Ct));
        return taken;
    }

    /// <summary>Waits until this many requests wait for a lock.</summary>
    public Task HasWaitersAsync(int count) => Eventually.BecomesAsync(async () =>
    {
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", observer);
        return await command.ExecuteScalarAsync(Ct) is long waiting && waiting == count;
    });

    /// <summary>Releases the lock.</summary>
    public async Task ReleaseAsync()
    {
        await using var command = new NpgsqlCommand("COMMIT", owner);
        await command.ExecuteNonQueryAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await owner.DisposeAsync();
        await observer.DisposeAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(Nodes nodes)
    {
        var server = await PostgresServer.GetAsync();
        var connection = new NpgsqlConnection(
            await server.ConnectionStringOfAsync(TestDatabase.NameOf(nodes.DataDirectory)));
        await connection.OpenAsync(Ct);
        return connection;
    }
}
