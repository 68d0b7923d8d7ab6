using AuthServer.Benchmarks.Rounds;
using AuthServer.Tests.Support;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>A contender with what each of its refreshes costs the database, by the database's own count.</summary>
internal sealed class CountedContender(IContender contender, PostgresProcess postgres) : IContender
{
    // What this program asks for itself is left out: it does so in the server's own database.
    private const string Count =
        """
        SELECT ARRAY[
            (SELECT sum(calls) FROM pg_stat_statements JOIN pg_database ON oid = dbid WHERE toplevel AND datname <> current_database()),
            (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname <> current_database()),
            pg_current_wal_lsn() - '0/0',
            (SELECT wal_sync FROM pg_stat_wal)]::float8[]
        """;

    // A process of PostgreSQL that has nothing to do adds what it did to the count after ten seconds. Source: pgstat.c.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(12);

    private static readonly string[] Metrics = [Metric.Statements, Metric.Commits, Metric.LogBytes, Metric.LogFlushes];

    public string Name => contender.Name;

    public string Title => contender.Title;

    public bool Takes(Work work) => contender.Takes(work);

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Work work, TimeSpan time, CancellationToken ct)
    {
        // Those who ran before have waited for their own.
        var before = await CountAsync();
        var values = await contender.RunAsync(work, time, ct);
        await Task.Delay(Idle, ct);
        var after = await CountAsync();
        var rate = values.Single(value => value.Metric == Metric.PerSecond);
        var refreshes = rate.Value * time.TotalSeconds;
        return [.. Metrics.Select((metric, at) => (metric, (after[at] - before[at]) / refreshes)), rate];
    }

    public ValueTask DisposeAsync() => contender.DisposeAsync();

    private async Task<double[]> CountAsync() => (double[])(await postgres.ReadAsync(Count))!;
}
