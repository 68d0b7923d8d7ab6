using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>
/// A PostgreSQL server with data of its own, on a free port of loopback. It ends with this process at the latest.
/// </summary>
public sealed class PostgresProcess : IDisposable
{
    /// <summary>The account that PostgreSQL runs as if the tests run as root, which it refuses.</summary>
    private const string Account = "postgres";

    private readonly string folder;
    private readonly string programs;
    private readonly int port = LoopbackPort.Free();
    private readonly List<string> settings;
    private Process? process;

    private PostgresProcess(string folder, string programs, IEnumerable<string> settings)
    {
        (this.folder, this.programs, this.settings) = (folder, programs, [.. settings]);
        Settings = new NpgsqlConnectionStringBuilder
        {
            Host = IPAddress.Loopback.ToString(),
            Port = port,
            Username = Account,
            Database = Account,
        };
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    /// <summary>Connection settings of the server's own database.</summary>
    public NpgsqlConnectionStringBuilder Settings { get; }

    /// <summary>Ids of the processes of the server, of which the first starts the rest.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            var children = Directory.EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
                .Where(id => id > 0 && ParentOf(id) == process!.Id);
            return [process!.Id, .. children];
        }
    }

    private string Data => Path.Combine(folder, "data");

    /// <summary>True if PostgreSQL is installed.</summary>
    public static bool IsInstalled => Programs() is not null;

    /// <summary>Creates a server and starts it.</summary>
    /// <param name="settings">Settings of the server, such as <c>fsync=off</c>.</param>
    public static Task<PostgresProcess> StartAsync(params string[] settings) => StartInAsync(Path.GetTempPath(), settings);

    /// <summary>Creates a server and starts it.</summary>
    /// <param name="parent">The folder in which the folder of its data is created.</param>
    /// <param name="settings">Settings of the server, such as <c>fsync=off</c>.</param>
    public static async Task<PostgresProcess> StartInAsync(string parent, params string[] settings)
    {
        var server = await PrepareAsync(parent, settings);
        await server.RunToEndAsync("initdb", ["-D", server.Data, "-U", Account, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        await server.StartAsync();
        return server;
    }

    /// <summary>Creates a standby of this server and starts it.</summary>
    /// <param name="through">The port on loopback by which the standby reaches this server.</param>
    public async Task<PostgresProcess> StartStandbyAsync(int through)
    {
        var standby = await PrepareAsync(Path.GetDirectoryName(folder)!, settings);
        await standby.RunToEndAsync(
            "pg_basebackup",
            ["-D", standby.Data, "-h", "127.0.0.1", "-p", $"{through}", "-U", Account, "-R", "-X", "stream", "-c", "fast", "-N"]);
        await standby.StartAsync();
        return standby;
    }

    /// <summary>Starts the server, for the first time or again, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        string[] options = ["-D", Data, "-p", $"{port}", "-h", "127.0.0.1", "-k", folder, "-c", "logging_collector=off"];
        var (file, arguments) = AsAccount("postgres", [.. options, .. settings.SelectMany(setting => new[] { "-c", setting })]);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        while (true)
        {
            try
            {
                await ExecuteAsync("SELECT");
                return;
            }
            catch (NpgsqlException) when (!process.HasExited)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>
    /// Starts a server again that was killed. It refuses to start until the last process of the one before has noticed its end.
    /// </summary>
    public async Task StartAgainAsync()
    {
        while (true)
        {
            try
            {
                await StartAsync();
                return;
            }
            catch (NpgsqlException) when (process!.HasExited)
            {
                process.Dispose();
                process = null;
            }
        }
    }

    /// <summary>Stops the server as an administrator does: it closes all connections.</summary>
    public Task StopAsync() => EndAsync("-INT");

    /// <summary>Sends a signal, such as <c>STOP</c>, to all processes of the server.</summary>
    public Task SignalAsync(string signal) => RunAsync("kill", ["-" + signal, .. ProcessIds.Select(id => $"{id}")]);

    /// <summary>Kills the server.</summary>
    public Task KillAsync() => EndAsync("-KILL");

    /// <summary>Promotes a standby to the primary.</summary>
    public Task PromoteAsync() => ExecuteAsync("SELECT pg_promote()");

    /// <summary>Runs statements in the server's own database.</summary>
    public Task ExecuteAsync(string sql) => ReadAsync(sql);

    /// <summary>Runs a query and returns its first value. Null if there is none.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="database">The database; the server's own unless set.</param>
    public async Task<object?> ReadAsync(string sql, string? database = null)
    {
        var own = new NpgsqlConnectionStringBuilder(Settings.ConnectionString) { Pooling = false };
        own.Database = database ?? own.Database;
        await using var connection = new NpgsqlConnection(own.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only tests and benchmarks give statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// Shuts the server down at once, because its data is deleted. Source: postgresql.org/docs/current/server-shutdown.html.
    /// </summary>
    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            EndAsync("-QUIT").GetAwaiter().GetResult();
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<PostgresProcess> PrepareAsync(string parent, IEnumerable<string> settings)
    {
        var programs = Programs()
            ?? throw new InvalidOperationException("PostgreSQL is not installed (Debian package postgresql).");
        var folder = Directory.CreateDirectory(Path.Combine(parent, "authserver-postgres-" + Path.GetRandomFileName())).FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", [Account, folder]);
        }

        return new PostgresProcess(folder, programs, settings);
    }

    // The fields after the name, which may have any character, are the state and the parent. Zero if the process has ended.
    private static int ParentOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // setpriv replaces itself by PostgreSQL, so the id of one is the id of the other.
    private async Task EndAsync(string signal)
    {
        try
        {
            await RunAsync("kill", [signal, $"{process!.Id}"]);
        }
        catch (InvalidOperationException) when (process!.HasExited)
        {
            // It has ended by itself meanwhile, as after an I/O error.
        }

        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    // Debian has a folder for each version, outside of the path.
    private static string? Programs()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.EnumerateDirectories(Debian) : [];
        var folders = versions
            .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"));
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        return folders.Concat(path).FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "initdb")));
    }

    private Task RunToEndAsync(string program, string[] arguments)
    {
        var (file, line) = AsAccount(program, arguments);
        return RunAsync(file, line);
    }

    private (string File, string[] Arguments) AsAccount(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid", Account, "--regid", Account, "--init-groups", Path.Combine(programs, program), .. arguments])
        : (Path.Combine(programs, program), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {await output}{await errors}");
        }
    }
}
