using AuthServer.Benchmarks.Postgres;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>postgres</c>: our server on PostgreSQL beside the textbook's, what a refresh costs the database, and how fast ends travel.</summary>
internal static class PostgresCommand
{
    // On a disk and open to the account that PostgreSQL runs as: a folder for temporary files may be memory, a checkout may be closed.
    private const string DataParent = "/var/tmp";

    private static readonly IReadOnlyList<Work> Refreshes = [.. Work.All.Where(work => work.Kind == WorkKind.Refresh)];

    private static readonly IReadOnlyList<Work> Costs =
    [
        .. Refreshes.Where(work => work.Connections is 1 or 64).Select(work => work with
        {
            Name = work.Name.Replace("refresh", "cost", StringComparison.Ordinal),
            Title = $"What each costs the database: {work.Title}",
        }),
    ];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "logouts");
        var pace = new Pace(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var logouts = options.Number("logouts", 1000);
        if (!PostgresProcess.IsInstalled)
        {
            throw new ArgumentException("PostgreSQL is not installed (Debian package postgresql).");
        }

        // As it comes, which flushes every commit, but for what counts statements, and room for several nodes and their pools.
        using var postgres = await PostgresProcess.StartInAsync(
            DataParent, "shared_preload_libraries=pg_stat_statements", "max_connections=300");
        await postgres.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        var ours = PostgresPeers.Ours(await NewDatabaseAsync(postgres, "ours"));
        var textbook = PostgresPeers.Textbook(await NewDatabaseAsync(postgres, "textbook"));
        var program = await Publisher.PublishAsync(ours, ct);
        List<IContender> contenders =
        [
            new ServerContender(ours, program),
            new FleetContender(PostgresPeers.Ours(await NewDatabaseAsync(postgres, "fleet")), program, 2),
            new ServerContender(textbook, await Publisher.PublishAsync(textbook, ct)),
        ];
        var setting = await DescribeAsync(postgres, pace, ct);

        // On a database of their own, for these nodes have keys of their own.
        var ends = await EndDelay.MeasureAsync(PostgresPeers.Ours(await NewDatabaseAsync(postgres, "ends")), program, logouts, ct);
        var samples = new Samples();
        try
        {
            await RunAsync(Refreshes, new Interleaving(contenders, pace, samples), ct);
            List<IContender> counted = contenders.ConvertAll<IContender>(contender => new CountedContender(contender, postgres));
            await RunAsync(Costs, new Interleaving(counted, pace with { WarmUp = pace.Seconds }, samples), ct);
        }
        finally
        {
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        await Report.WriteAsync(
            "postgres", setting, [.. Refreshes, .. Costs], contenders, samples,
            [("From the answer to a logout to its refusal by another node", ends)], ct);
        return samples.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task RunAsync(IEnumerable<Work> works, Interleaving interleaving, CancellationToken ct)
    {
        foreach (var work in works)
        {
            await interleaving.RunAsync(work, ct);
        }
    }

    private static async Task<string> NewDatabaseAsync(PostgresProcess postgres, string name)
    {
        await postgres.ExecuteAsync($"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString) { Database = name }.ConnectionString;
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
