using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>Faults of a server on SQLite.</summary>
public sealed class SqliteFaultTests(ITestOutputHelper report) : IDisposable
{
    private const int Clients = 8;
    private const int DiskMegabytes = 256;

    private readonly DataFolder data = new();

    [Fact]
    public async Task Faults_lose_no_acknowledged_effect_and_log_no_client_out()
    {
        await SystemCallTrace.SkipUnlessAvailableAsync();
        FileSizeLimit.SkipUnlessAvailable();
        var random = HardeningRun.Begin(report, $"{Clients} clients");
        using var disk = Disk.TryMount(data.Root, DiskMegabytes);
        await using var server = await FaultyServer.StartAsync(
            data, command => command with { Launcher = FileSizeLimit.Launcher });
        var load = new Workload(server.Address, Clients, random);
        await load.RegisterAsync();
        List<Fault> faults =
        [
            .. server.FaultsUnder(load),
            new("full disk by a limit of files", () => LimitFilesAsync(server, load)),
            new("I/O errors of flushes", () => FailAsync(server, load, "fsync,fdatasync", "1+")),
            new("I/O errors of some writes", () => FailAsync(server, load, "pwrite64", "2+3")),
            new("locked database", LockAsync),
        ];
        if (disk is not null)
        {
            faults.Add(new Fault("full disk", () => FillAsync(disk, server, load)));
        }

        await Fault.RunAllAsync(faults, load, id => ReadAsync(data, id), random, report);
        Assert.Empty(server.Process.Output.OfEvent(ServerEvent.GenerationRecovered));
    }

    // What a server that lost writes would leave, made by hand.
    [Fact]
    public async Task Lost_rotations_and_logouts_are_found()
    {
        var random = HardeningRun.Begin(report, $"{Clients} clients");
        await using var server = await FaultyServer.StartAsync(data, command => command);
        var load = new Workload(server.Address, Clients, random);
        await load.RegisterAsync();
        await load.UseDuringAsync(() => load.WaitForAnswersAsync(400));
        await load.CheckAsync(id => ReadAsync(data, id));
        Assert.Empty(load.Ledger.Violations);

        data.Execute("UPDATE sessions SET generation = 0, newest_presented = NULL, ended_at = NULL, end_reason = NULL");
        await load.CheckAsync(id => ReadAsync(data, id));
        Assert.Contains(load.Ledger.Violations, violation => violation.StartsWith("lost: rotation", StringComparison.Ordinal));
        Assert.Contains(load.Ledger.Violations, violation => violation.StartsWith("lost: logout", StringComparison.Ordinal));
    }

    public void Dispose() => data.Dispose();

    private async Task LimitFilesAsync(FaultyServer server, Workload load)
    {
        EmptyLog();
        await server.Process.LimitFilesAsync(0);
        await load.DisturbAsync(Fault.LastAsync);
        await server.Process.LimitFilesAsync(null);
        await server.Process.BecomesReadyAsync(HttpStatusCode.OK);
    }

    private async Task FillAsync(Disk disk, FaultyServer server, Workload load)
    {
        EmptyLog();
        disk.Fill();
        await load.DisturbAsync(Fault.LastAsync);
        disk.Free();
        await server.Process.BecomesReadyAsync(HttpStatusCode.OK);
    }

    // The server could go on writing to the space that the log already has.
    private void EmptyLog() => data.Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    // Killed while the calls fail, so that the next server has only what the disk has.
    private static async Task FailAsync(FaultyServer server, Workload load, string calls, string when)
    {
        await using (await FailingFlushes.OfAsync([server.Process.Id], calls, when))
        {
            await load.DisturbAsync(Fault.LastAsync);
        }

        await server.KillAsync();
    }

    // By this process, which is another one than the server's.
    private async Task LockAsync()
    {
        await using var connection = data.OpenDatabase(SqliteOpenMode.ReadWrite);
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN EXCLUSIVE";
        await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await Fault.LastAsync();
        begin.CommandText = "ROLLBACK";
        await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Reads a session.</summary>
    internal static async Task<StoredSession?> ReadAsync(DataFolder data, Guid id)
    {
        await using var connection = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT generation, ended_at IS NOT NULL FROM sessions WHERE id = $id";
        command.Parameters.AddWithValue("$id", id.ToByteArray(bigEndian: true));
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        return await row.ReadAsync(TestContext.Current.CancellationToken)
            ? new StoredSession(row.GetInt64(0), row.GetBoolean(1))
            : null;
    }
}
