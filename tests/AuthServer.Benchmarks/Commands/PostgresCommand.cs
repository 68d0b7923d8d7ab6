using AuthServer.Benchmarks.Postgres;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.Benchmarks.Commands;

/// <summary>
/// The command <c>postgres</c>: measures AuthServer and the textbook peer on PostgreSQL. It also measures the database's cost of
/// a refresh, and the delay until other nodes refuse an ended session.
/// </summary>
internal static class PostgresCommand
{
    // On a disk and accessible to the account of PostgreSQL. The temporary folder may be in memory; a checkout may be private.
    private const string DataParent = "/var/tmp";

    private static readonly IReadOnlyList<Workload> Refreshes =
        [.. Workload.All.Where(workload => workload.Kind == WorkloadKind.Refresh)];

    private static readonly IReadOnlyList<Workload> Costs =
    [
        .. Refreshes.Where(workload => workload.Connections is 1 or 64).Select(workload => workload with
        {
            Name = workload.Name.Replace("refresh", "cost", StringComparison.Ordinal),
            Title = $"Database cost of a refresh: {workload.Title}",
        }),
    ];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "logouts");
        var schedule = new Schedule(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var logouts = options.Number("logouts", 1000);
        if (!PostgresProcess.IsInstalled)
        {
            throw new ArgumentException("PostgreSQL is not installed (Debian package postgresql).");
        }

        // The default settings, which flush every commit, plus a counter of statements and connections for several nodes.
        using var postgres = await PostgresProcess.StartInAsync(
            DataParent, "shared_preload_libraries=pg_stat_statements", "max_connections=300");
        await postgres.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        var authServer = PostgresPeers.AuthServer(await NewDatabaseAsync(postgres, "authserver"));
        var textbook = PostgresPeers.Textbook(await NewDatabaseAsync(postgres, "textbook"));
        var program = await Publisher.PublishAsync(authServer, ct);
        List<IContender> contenders =
        [
            new ServerContender(authServer, program),
            new ClusterContender(PostgresPeers.AuthServer(await NewDatabaseAsync(postgres, "cluster")), program, 2),
            new ServerContender(textbook, await Publisher.PublishAsync(textbook, ct)),
        ];
        var description = await DescribeAsync(postgres, schedule, ct);

        // On a separate database, because these nodes have keys of their own.
        var endsPeer = PostgresPeers.AuthServer(await NewDatabaseAsync(postgres, "ends"));
        var ends = await SessionEndLatency.MeasureAsync(endsPeer, program, logouts, ct);
        var samples = new Samples();
        try
        {
            await RunAsync(Refreshes, new InterleavedRunner(contenders, schedule, samples), ct);
            var counted = contenders.ConvertAll<IContender>(contender => new DatabaseCostContender(contender, postgres));
            await RunAsync(Costs, new InterleavedRunner(counted, schedule with { WarmUp = schedule.RoundTime }, samples), ct);
        }
        finally
        {
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        await Report.WriteAsync(
            "postgres", description, [.. Refreshes, .. Costs], contenders, samples,
            [("From the response to a logout until another node refuses the session", ends)], ct);
        return samples.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task RunAsync(IEnumerable<Workload> workloads, InterleavedRunner runner, CancellationToken ct)
    {
        foreach (var workload in workloads)
        {
            await runner.RunAsync(workload, ct);
        }
    }

    private static async Task<string> NewDatabaseAsync(PostgresProcess postgres, string name)
    {
        await postgres.ExecuteAsync($"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString) { Database = name }.ConnectionString;
    }

    private static async Task<Table> DescribeAsync(PostgresProcess postgres, Schedule schedule, CancellationToken ct)
    {
        var description = await RunDescription.CreateAsync(schedule, ct);
        description.Add("PostgreSQL, on the same machine", $"{await postgres.ReadAsync("SHOW server_version")}");
        description.Add("file system of the PostgreSQL databases", RunDescription.FileSystemOf(DataParent));
        description.Add("settings of PostgreSQL", (string)(await postgres.ReadAsync(
            """
            SELECT string_agg(name || '=' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
            WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers', 'max_wal_size',
                'max_connections', 'shared_preload_libraries')
            """))!);
        return description;
    }
}
