using AuthServer.Benchmarks.Postgres;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using AuthServer.Tests.Support;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>postgres</c>: our server on PostgreSQL beside the textbook's, what a rotation costs the database, and how fast ends travel.</summary>
internal static class PostgresCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "logouts");
        if (!PostgresProcess.IsInstalled)
        {
            throw new ArgumentException("PostgreSQL is not installed (Debian package postgresql).");
        }

        var pace = new Pace(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        IReadOnlyList<Work> works = [.. Work.All.Where(work => work.Kind == WorkKind.Refresh)];

        // As it comes, which flushes every commit, but for what counts statements, and room for several nodes and their pools.
        using var postgres = await PostgresProcess.StartAsync("shared_preload_libraries=pg_stat_statements", "max_connections=300");
        await postgres.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        var ours = PostgresPeers.Ours(await NewDatabaseAsync(postgres, "ours"));
        var textbook = PostgresPeers.Textbook(await NewDatabaseAsync(postgres, "textbook"));
        var programs = (Ours: await Publisher.PublishAsync(ours, ct), Textbook: await Publisher.PublishAsync(textbook, ct));

        var setting = await Setting.DescribeAsync(pace, ct);
        setting.Add("PostgreSQL", $"{await postgres.ReadAsync("SHOW server_version")}, on the same machine, fsync and synchronous_commit on");
        var ends = await EndDelay.MeasureAsync(
            PostgresPeers.Ours(await NewDatabaseAsync(postgres, "ends")), programs.Ours, options.Number("logouts", 1000), ct);
        var samples = new Samples();
        List<IContender> contenders = [new ServerContender(ours, programs.Ours), new ServerContender(textbook, programs.Textbook)];
        Table costs;
        try
        {
            var interleaving = new Interleaving(contenders, pace, samples);
            foreach (var work in works)
            {
                await interleaving.RunAsync(work, ct);
            }

            costs = await Costs.MeasureAsync(postgres, contenders, works, pace.Seconds, ct);
        }
        finally
        {
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        await Report.WriteAsync(
            "postgres", setting, works, contenders, samples,
            [("What a rotation costs the database", costs), ("From the answer to a logout to its refusal by another node", ends)], ct);
        return samples.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task<string> NewDatabaseAsync(PostgresProcess postgres, string name)
    {
        await postgres.ExecuteAsync($"CREATE DATABASE {name}");
        return new Npgsql.NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString) { Database = name }.ConnectionString;
    }
}
