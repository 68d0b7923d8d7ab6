using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AuthServer.Storage.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>
/// A PostgreSQL server of this run of tests, on a free port of loopback, without a care for power cuts. It starts with the first test that
/// asks for it, and ends with the process.
/// </summary>
internal sealed class PostgresServer
{
    /// <summary>The account that PostgreSQL runs as where the tests run as root, whom it refuses.</summary>
    private const string Account = "postgres";

    /// <summary>A database with all tables and no rows, which others are copies of.</summary>
    private const string Template = "template_authserver";

    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    private readonly string folder;
    private readonly Process process;

    private PostgresServer(string folder, Process process, int port)
    {
        (this.folder, this.process) = (folder, process);
        Settings = new NpgsqlConnectionStringBuilder
        {
            Host = IPAddress.Loopback.ToString(),
            Port = port,
            Username = Account,
            Database = Account,
        };
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    /// <summary>How to get to the server's own database.</summary>
    public NpgsqlConnectionStringBuilder Settings { get; }

    /// <summary>The server of this run.</summary>
    public static Task<PostgresServer> GetAsync() => Shared.Value;

    /// <summary>How to get to a database that is made where there is none of that name, with all tables.</summary>
    public async Task<string> ConnectionStringOfAsync(string database)
    {
        await using var connection = new NpgsqlConnection(Settings.ConnectionString);
        await connection.OpenAsync();
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = database } },
        };
        if (await find.ExecuteScalarAsync() is null)
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {database} TEMPLATE {Template}");
        }

        return new NpgsqlConnectionStringBuilder(Settings.ConnectionString) { Database = database }.ConnectionString;
    }

    /// <summary>Removes a database, whoever is still connected to it.</summary>
    public async Task DropAsync(string database)
    {
        await using var connection = new NpgsqlConnection(Settings.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var programs = Programs();
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed (Debian package postgresql).");
        var folder = Directory.CreateTempSubdirectory("authserver-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", [Account, folder]);
        }

        var data = Path.Combine(folder, "data");
        var (file, arguments) = AsAccount(Path.Combine(programs, "initdb"), ["-D", data, "-U", Account, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        await RunAsync(file, arguments);

        var port = FreePort();
        (file, arguments) = AsAccount(
            Path.Combine(programs, "postgres"),
            [
                "-D", data, "-p", $"{port}", "-h", "127.0.0.1", "-k", folder,
                "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=500",
                "-c", "logging_collector=off", "-c", $"external_pid_file={Path.Combine(folder, "pid")}",
            ]);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();

        var server = new PostgresServer(folder, process, port);
        await server.BecomeReadyAsync();
        await server.MakeTemplateAsync();
        return server;
    }

    private async Task BecomeReadyAsync()
    {
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Settings.ConnectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (!process.HasExited)
            {
                await Task.Yield();
            }
        }
    }

    private async Task MakeTemplateAsync()
    {
        await using var connection = new NpgsqlConnection(Settings.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"CREATE DATABASE {Template}");

        // Without a pool, for a database that somebody is connected to can't be copied.
        var settings = new NpgsqlConnectionStringBuilder(Settings.ConnectionString) { Database = Template, Pooling = false };
        await using var db = new PostgresAuthDbContext(
            new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql(settings.ConnectionString).Options);
        await db.Database.MigrateAsync();
    }

    // An immediate shutdown, for nothing of it is kept. Source: postgresql.org/docs/current/server-shutdown.html.
    private void Stop()
    {
        var pid = File.ReadAllText(Path.Combine(folder, "pid")).Trim();
        using var kill = Process.Start("kill", ["-QUIT", pid]);
        kill.WaitForExit();
        process.WaitForExit();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of databases can't be parameters, and these are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    // Debian keeps them out of the path, a folder for each version.
    private static string? Programs()
    {
        const string Debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(Debian)
            ? Directory.EnumerateDirectories(Debian).OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
                .Select(version => Path.Combine(version, "bin"))
            : [];
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        return folders.Concat(path).FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "initdb")));
    }

    private static (string File, string[] Arguments) AsAccount(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid", Account, "--regid", Account, "--init-groups", program, .. arguments])
        : (program, arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} failed: {await output}{await errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
