using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Tests.Support;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>What refreshes cost the database, by its own count.</summary>
internal static class Costs
{
    // A process of PostgreSQL that has nothing to do adds what it did to the count after ten seconds. Source: pgstat.c.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(12);

    private static readonly int[] Connections = [1, 64];

    private sealed record Counts(double Statements, double Commits, double Bytes, double Flushes);

    public static async Task<Table> MeasureAsync(
        PostgresProcess postgres, IReadOnlyList<IContender> contenders, IReadOnlyList<Work> works, TimeSpan time, CancellationToken ct)
    {
        var table = new Table("each rotation", "rotations a second", "statements", "commits", "bytes of WAL", "flushes");
        foreach (var work in works.Where(work => Connections.Contains(work.Connections)))
        {
            foreach (var contender in contenders)
            {
                await Task.Delay(Idle, ct);
                var before = await CountAsync(postgres);
                var values = await contender.RunAsync(work, time, ct);
                await Task.Delay(Idle, ct);
                var after = await CountAsync(postgres);
                var rate = values.Single(value => value.Metric == Metric.PerSecond).Value;
                var rotations = rate * time.TotalSeconds;
                table.Add(
                    $"{contender.Title}, {work.Title}",
                    Report.Format(rate),
                    Report.Format((after.Statements - before.Statements) / rotations),
                    Report.Format((after.Commits - before.Commits) / rotations),
                    Report.Format((after.Bytes - before.Bytes) / rotations),
                    Report.Format((after.Flushes - before.Flushes) / rotations));
            }
        }

        return table;
    }

    private static async Task<Counts> CountAsync(PostgresProcess postgres) => new(
        Convert.ToDouble(await postgres.ReadAsync("SELECT sum(calls)::float8 FROM pg_stat_statements WHERE toplevel"), null),
        Convert.ToDouble(await postgres.ReadAsync("SELECT sum(xact_commit)::float8 FROM pg_stat_database"), null),
        Convert.ToDouble(await postgres.ReadAsync("SELECT (pg_current_wal_lsn() - '0/0')::float8"), null),
        Convert.ToDouble(await postgres.ReadAsync("SELECT wal_sync::float8 FROM pg_stat_wal"), null));
}
