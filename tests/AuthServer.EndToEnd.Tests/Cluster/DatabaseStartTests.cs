using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Databases on PostgreSQL that a node can't use, each with its cure.</summary>
public sealed class DatabaseStartTests
{
    private const string MakeGuest = "CREATE ROLE guest LOGIN PASSWORD 'right'; ";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("CREATE DATABASE d TEMPLATE template0 ENCODING 'LATIN1'", "", "has the encoding LATIN1")]
    [InlineData("CREATE DATABASE d TEMPLATE template0 ENCODING 'SQL_ASCII'", "", "createdb --encoding=UTF8")]
    [InlineData("CREATE DATABASE d", "Client Encoding=LATIN1", "remove Client Encoding from ConnectionStrings:AuthServer")]
    [InlineData("CREATE DATABASE d", "Username=stranger", "does not admit the role stranger")]
    [InlineData("CREATE DATABASE d", "Username=guest;Password=wrong", "refuses the password of the role guest")]
    [InlineData("CREATE DATABASE d", "Username=guest", "correct ConnectionStrings:AuthServer.")]
    [InlineData("CREATE DATABASE d", "Username=banned", "allow it in pg_hba.conf")]
    [InlineData("CREATE DATABASE d", "SSL Mode=Require", "correct ConnectionStrings:AuthServer.")]
    [InlineData("CREATE DATABASE e", "", "d on 127.0.0.1 does not exist; make it by createdb")]
    public async Task Connection_that_is_refused_prevents_start(string make, string settings, string sentence)
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync(MakeGuest + "CREATE ROLE banned LOGIN");
        await postgres.ExecuteAsync(make);
        await AskForPasswordsAsync(postgres);
        using var data = new DataFolder();
        (await RunAsync(data, postgres, settings)).ShouldBeRefusal(sentence);
    }

    [Theory]
    [InlineData("SELECT", "GRANT USAGE, CREATE ON SCHEMA public TO guest")]
    [InlineData("REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT USAGE, CREATE ON SCHEMA public TO guest")]
    [InlineData("ALTER ROLE guest SET search_path = nowhere", "GRANT USAGE, CREATE ON SCHEMA public TO guest")]
    [InlineData("CREATE SCHEMA own; GRANT USAGE ON SCHEMA own TO guest; ALTER ROLE guest SET search_path = own", "SCHEMA own")]
    [InlineData("REVOKE CONNECT ON DATABASE d FROM PUBLIC", "grant it CONNECT")]
    [InlineData("ALTER ROLE guest SET default_transaction_read_only = on", "set default_transaction_read_only to off")]
    [InlineData("CREATE TABLE users (id int); GRANT ALL ON users TO guest", "has a table users of another program")]
    public async Task Missing_right_prevents_start(string sql, string sentence)
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync(MakeGuest);
        await postgres.ExecuteAsync("CREATE DATABASE d");
        await postgres.ReadAsync(sql, "d");
        using var data = new DataFolder();
        (await RunAsync(data, postgres, "Username=guest")).ShouldBeRefusal(sentence);
    }

    [Theory]
    [InlineData(
        "SELECT",
        "DELETE ON access_keys, events, external_identities, failure_counts, mails, passkeys, recovery_codes, reserved_names, "
        + "resource_servers, root_keys, sessions, spent_tokens, totps, users TO guest")]
    [InlineData("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO guest", "DELETE ON access_keys, events")]
    [InlineData(
        "GRANT ALL ON users, sessions, root_keys, access_keys, resource_servers, failure_counts, external_identities, mails, "
        + "spent_tokens, totps, recovery_codes, passkeys, reserved_names TO guest",
        "DELETE ON events TO guest")]
    [InlineData(
        "DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%AccountRecords%'",
        "the command migrate as")]
    public async Task Missing_right_on_tables_of_other_role_prevents_start(string sql, string sentence)
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync(MakeGuest);
        await postgres.ExecuteAsync("CREATE DATABASE d");
        using var data = new DataFolder();
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", ["migrate", .. SettingsOf(postgres).Select(s => "--" + s)])).Code);
        await postgres.ReadAsync("GRANT SELECT ON \"__EFMigrationsHistory\" TO guest; " + sql, "d");
        (await RunAsync(data, postgres, "Username=guest")).ShouldBeRefusal(sentence);
    }

    [Fact]
    public async Task Command_reports_that_it_waits_for_its_database()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync("CREATE DATABASE d");
        await postgres.StopAsync();
        using var data = new DataFolder();
        using var command = CommandRun.Start(data, ["users", "list", .. SettingsOf(postgres).Select(s => "--" + s)]);
        var line = await command.StandardError.ReadLineAsync(Ct);
        Assert.Contains("d on 127.0.0.1 does not answer (Connection refused)", line, StringComparison.Ordinal);
        await postgres.StartAsync();
        await command.WaitForExitAsync(Ct);
        Assert.Equal(0, command.ExitCode);
    }

    [Theory]
    [InlineData("Host=nowhere.invalid", "on nowhere.invalid does not answer")]
    [InlineData("Host=127.0.0.1:1,127.0.0.1:2;Target Session Attributes=primary", "does not answer")]
    public async Task Command_reports_that_it_waits_for_address(string host, string fault)
    {
        using var data = new DataFolder();
        using var command = CommandRun.Start(
            data, "users", "list", "--Storage:Provider=postgres", $"--ConnectionStrings:AuthServer={host};Username=postgres");
        Assert.Contains(fault, await command.StandardError.ReadLineAsync(Ct), StringComparison.Ordinal);
        command.Kill();
    }

    [Fact]
    public async Task Command_waits_for_standby_until_it_is_promoted()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync("CREATE DATABASE d");
        using var standby = await postgres.StartStandbyAsync(postgres.Settings.Port);
        using var data = new DataFolder();
        using var command = CommandRun.Start(data, ["users", "list", .. SettingsOf(standby).Select(s => "--" + s)]);
        Assert.Contains("is a standby", await command.StandardError.ReadLineAsync(Ct), StringComparison.Ordinal);
        await standby.PromoteAsync();
        await command.WaitForExitAsync(Ct);
        Assert.Equal(0, command.ExitCode);
    }

    private static Task<ServerExit> RunAsync(DataFolder data, PostgresProcess postgres, string settings) =>
        ServerProcess.RunAsync(data, SettingsOf(postgres, settings));

    private static string[] SettingsOf(PostgresProcess postgres, string settings = "") =>
    [
        "Storage:Provider=postgres",
        "ConnectionStrings:AuthServer="
            + new NpgsqlConnectionStringBuilder($"{postgres.Settings.ConnectionString};{settings};Database=d"),
    ];

    // As on a server in production, except for its own account.
    private static async Task AskForPasswordsAsync(PostgresProcess postgres)
    {
        var file = await postgres.ReadAsync("SHOW hba_file");
        await postgres.ExecuteAsync(
            $"""
            COPY (SELECT unnest(ARRAY['host all banned 127.0.0.1/32 reject', 'host all postgres,stranger 127.0.0.1/32 trust',
                'host all all 127.0.0.1/32 scram-sha-256'])) TO '{file}'
            """);
        await postgres.ExecuteAsync("SELECT pg_reload_conf()");
    }
}
