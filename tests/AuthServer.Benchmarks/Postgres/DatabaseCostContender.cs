using AuthServer.Benchmarks.Rounds;
using AuthServer.Tests.Support;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Measures the database's cost of each refresh of another contender, by the statistics of PostgreSQL.</summary>
internal sealed class DatabaseCostContender(IContender contender, PostgresProcess postgres) : IContender
{
    // Excludes the statements of this program, which connects to another database than the contender.
    private const string Query =
        """
        SELECT ARRAY[
            (SELECT sum(calls) FROM pg_stat_statements JOIN pg_database ON oid = dbid
                WHERE toplevel AND datname <> current_database()),
            (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname <> current_database()),
            pg_current_wal_lsn() - '0/0',
            (SELECT wal_sync FROM pg_stat_wal)]::float8[]
        """;

    // An idle backend reports its statistics after ten seconds. Source: PGSTAT_IDLE_INTERVAL in PostgreSQL's pgstat.c.
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(12);

    private static readonly string[] Metrics = [Metric.Statements, Metric.Commits, Metric.LogBytes, Metric.LogFlushes];

    public string Name => contender.Name;

    public string Title => contender.Title;

    public bool Supports(Workload workload) => contender.Supports(workload);

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        Workload workload, TimeSpan time, CancellationToken ct)
    {
        // The statistics of the previous contender are complete, because its round ended with the same delay.
        var before = await CountAsync();
        var values = await contender.RunAsync(workload, time, ct);
        await Task.Delay(ReportDelay, ct);
        var after = await CountAsync();
        var rate = values.Single(value => value.Metric == Metric.PerSecond);
        var refreshes = rate.Value * time.TotalSeconds;
        return [.. Metrics.Select((metric, at) => (metric, (after[at] - before[at]) / refreshes)), rate];
    }

    public ValueTask DisposeAsync() => contender.DisposeAsync();

    private async Task<double[]> CountAsync() => (double[])(await postgres.ReadAsync(Query))!;
}
