using System.Diagnostics;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;
using AuthServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>
/// SQLite without a server: durable updates of session rows, 1 or 64 per transaction. It is the upper limit for servers with as
/// many updates per transaction, so it has the settings of AuthServer.
/// </summary>
internal sealed class SqliteContender : IContender
{
    private const int Sessions = 1000;

    private readonly string folder = Repository.NewDataFolder("sqlite");
    private readonly SqliteConnection connection;
    private readonly SqliteCommand update;
    private readonly byte[][] ids =
        [.. Enumerable.Range(0, Sessions).Select(_ => Guid.CreateVersion7().ToByteArray(bigEndian: true))];

    private readonly long[] generations = new long[Sessions];
    private int next;

    public SqliteContender()
    {
        connection = new SqliteConnection($"Data Source={Path.Combine(folder, "limit.db")};Pooling=False");
        connection.Open();
        SqliteConnectionInterceptor.ApplyToFile(connection);
        SqliteConnectionInterceptor.Apply(connection);
        CreateTable();
        update = connection.CreateCommand();
        update.CommandText = """
            UPDATE sessions SET generation = $generation + 1, rotated_at = $now, ip_address = '127.0.0.1', user_agent = NULL
            WHERE id = $id AND generation = $generation
            """;
        update.Parameters.AddWithValue("$generation", 0L);
        update.Parameters.AddWithValue("$now", 0L);
        update.Parameters.AddWithValue("$id", ids[0]);
        Fill();
    }

    public string Name => "sqlite";

    public string Title => "SQLite alone: row updates, as many per commit as connections; ms per commit";

    public bool Supports(Workload workload) => workload is { Kind: WorkloadKind.Refresh, Connections: 1 or 64 };

    public Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        Workload workload, TimeSpan time, CancellationToken ct) => Task.Run(
        () =>
        {
            var tally = new Tally();
            var startedAt = Stopwatch.GetTimestamp();
            var endsAt = startedAt + (long)(time.TotalSeconds * Stopwatch.Frequency);
            while (startedAt < endsAt)
            {
                ct.ThrowIfCancellationRequested();
                Commit(workload.Connections);
                var now = Stopwatch.GetTimestamp();
                tally.Record(startedAt, now, endsAt);
                startedAt = now;
            }

            return Metric.OfClosedLoop(tally, time, operationsPerSample: workload.Connections);
        },
        ct);

    public async ValueTask DisposeAsync()
    {
        await update.DisposeAsync();
        await connection.DisposeAsync();
        Repository.Remove(folder);
    }

    private void Commit(int rows)
    {
        using var transaction = connection.BeginTransaction();
        update.Transaction = transaction;
        for (var row = 0; row < rows; row++)
        {
            next = (next + 1) % Sessions;
            update.Parameters["$generation"].Value = generations[next]++;
            update.Parameters["$now"].Value = Stopwatch.GetTimestamp();
            update.Parameters["$id"].Value = ids[next];
            if (update.ExecuteNonQuery() != 1)
            {
                throw new InvalidOperationException("An update matched no row.");
            }
        }

        transaction.Commit();
    }

    private void Fill()
    {
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO sessions (id, generation, rotated_at) VALUES ($id, 0, 0)";
        var id = insert.Parameters.AddWithValue("$id", ids[0]);
        foreach (var value in ids)
        {
            id.Value = value;
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private void CreateTable()
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE sessions (
                id BLOB PRIMARY KEY, generation INTEGER, rotated_at INTEGER, ip_address TEXT, user_agent TEXT)
            """;
        command.ExecuteNonQuery();
    }
}
