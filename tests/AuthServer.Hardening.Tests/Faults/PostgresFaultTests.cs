using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>Faults of a server on PostgreSQL, of PostgreSQL itself, and of the network between them.</summary>
public sealed class PostgresFaultTests(ITestOutputHelper report) : IDisposable
{
    private const int Clients = 8;
    private const int DiskMegabytes = 400;

    private readonly DataFolder data = new();

    // Not within the data folder, which the account of PostgreSQL can't open.
    private readonly DirectoryInfo folder =
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "authserver-disk-" + Path.GetRandomFileName()));

    [Fact]
    public async Task Faults_lose_no_acknowledged_effect_and_log_no_client_out()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed (Debian package postgresql).");
        await SystemCallTrace.SkipUnlessAvailableAsync();
        var random = HardeningRun.Begin(report, $"{Clients} clients");
        using var disk = Disk.TryMount(folder.FullName, DiskMegabytes);
        using var postgres = await PostgresProcess.StartInAsync(folder.FullName, "wal_recycle=off");
        await using var network = new NetworkProxy(postgres.Settings.Port);
        var settings = new NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString) { Port = network.Port };
        await using var server = await FaultyServer.StartAsync(
            data, command => command, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + settings.ConnectionString);
        var load = new Workload(server.Address, Clients, random);
        await load.RegisterAsync();
        List<Fault> faults =
        [
            .. server.FaultsUnder(load),
            new("killed database", () => RestartAsync(postgres)),
            new("stopped database", () => StopForAWhileAsync(postgres)),
            new("I/O errors of flushes of the database", () => FailAsync(postgres, load)),
            new("locked table", () => LockAsync(postgres, "LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")),
            new("locked rows", () => LockAsync(postgres, "SELECT FROM sessions, users FOR UPDATE")),
            new("slow network to the database", () => FaultyServer.ReorderAsync(network)),
            new("silent network to the database", () => FaultyServer.SilenceAsync(network)),
            new("cut network to the database", () => FaultyServer.CutAsync(network, load)),
        ];
        if (disk is not null)
        {
            faults.Add(new Fault("full disk of the database", () => FillAsync(disk, postgres)));
        }

        await Fault.RunAllAsync(faults, load, id => ReadAsync(postgres, id), random, report);
        Assert.Empty(server.Process.Output.OfEvent(ServerEvent.GenerationRecovered));
    }

    public void Dispose()
    {
        data.Dispose();
        folder.Delete(recursive: true);
    }

    private static async Task RestartAsync(PostgresProcess postgres)
    {
        await postgres.KillAsync();
        await postgres.StartAgainAsync();
    }

    private static async Task StopForAWhileAsync(PostgresProcess postgres)
    {
        await postgres.SignalAsync("STOP");
        try
        {
            await Fault.LastAsync();
        }
        finally
        {
            // A stopped PostgreSQL does not end when it is disposed of.
            await postgres.SignalAsync("CONT");
        }
    }

    // PostgreSQL takes a flush that fails for a crash, and recovers from its log.
    private static async Task FailAsync(PostgresProcess postgres, Workload load)
    {
        await using (await FailingFlushes.OfAsync(postgres.ProcessIds, "fsync,fdatasync", "1+"))
        {
            await load.DisturbAsync(Fault.LastAsync);
        }

        await RestartAsync(postgres);
    }

    private static async Task FillAsync(Disk disk, PostgresProcess postgres)
    {
        disk.Fill();
        await Fault.LastAsync();
        disk.Free();
        await RestartAsync(postgres);
    }

    private static Task LockAsync(PostgresProcess postgres, string statement) =>
        postgres.ExecuteAsync($"BEGIN; {statement}; SELECT pg_sleep({Fault.Duration.TotalSeconds}); COMMIT");

    private static async Task<StoredSession?> ReadAsync(PostgresProcess postgres, Guid id)
    {
        // Not from the pool, whose connections may be to a process that was killed.
        await using var connection = new NpgsqlConnection(postgres.Settings.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT generation, ended_at IS NOT NULL FROM sessions WHERE id = $1", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
        };
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        return await row.ReadAsync(TestContext.Current.CancellationToken)
            ? new StoredSession(row.GetInt64(0), row.GetBoolean(1))
            : null;
    }
}
