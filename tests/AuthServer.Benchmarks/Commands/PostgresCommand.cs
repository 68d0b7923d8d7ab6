using AuthServer.Benchmarks.Postgres;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using AuthServer.Tests.Support;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>postgres</c>: our server on PostgreSQL beside the textbook's, what a rotation costs the database, and how fast ends travel.</summary>
internal static class PostgresCommand
{
    // On a disk and open to the account that PostgreSQL runs as: a folder for temporary files may be memory, a checkout may be closed.
    private const string DataParent = "/var/tmp";

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
        using var postgres = await PostgresProcess.StartInAsync(
            DataParent, "shared_preload_libraries=pg_stat_statements", "max_connections=300");
        await postgres.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        var ours = PostgresPeers.Ours(await NewDatabaseAsync(postgres, "ours"));
        var textbook = PostgresPeers.Textbook(await NewDatabaseAsync(postgres, "textbook"));
        var programs = (Ours: await Publisher.PublishAsync(ours, ct), Textbook: await Publisher.PublishAsync(textbook, ct));

        var setting = await DescribeAsync(postgres, pace, ct);
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

    private static async Task<Table> DescribeAsync(PostgresProcess postgres, Pace pace, CancellationToken ct)
    {
        var setting = await Setting.DescribeAsync(pace, ct);
        setting.Add("PostgreSQL, on the same machine", $"{await postgres.ReadAsync("SHOW server_version")}");
        setting.Add("file system of the databases on PostgreSQL", Setting.FileSystemOf(DataParent));
        setting.Add("settings of PostgreSQL", (string)(await postgres.ReadAsync(
            """
            SELECT string_agg(name || '=' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
            WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers', 'max_wal_size',
                'max_connections', 'shared_preload_libraries')
            """))!);
        return setting;
    }
}
