using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AuthServer.Core;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A move from SQLite to PostgreSQL that keeps all sessions.</summary>
[SuppressMessage("Security", "CA2100", Justification = "The statements are constants of this test.")]
[Collection<SequentialTests>]
public sealed class CopyTests(ITestOutputHelper report) : IDisposable
{
    private const int Users = 100_000;

    // One session in this many has been logged out.
    private const int LoggedOutEvery = 10;

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_copy_can_be_repeated_and_keeps_sessions()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        var target = postgres.Settings.ConnectionString;
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("user0");
            await server.Http.LogInAsync("user0");
            Assert.Equal(1, (await CommandRun.RunAsync(data, "", "copy", "--to", target)).Code);
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        var sessions = MultiplySessions();
        await KillCopyAsync(target);
        Assert.Equal((0L, 0L, 0L), await CountAsync(postgres));

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "copy", "--to", target)).Code);
        report.WriteLine($"{Users} accounts and sessions copied in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(((long)Users, (long)Users, (long)Users), await CountAsync(postgres));
        var again = await CommandRun.RunAsync(data, "", "copy", "--to", target);
        Assert.Equal((1, "The target has accounts already; copy to a database that has none."), (again.Code, again.Errors[^1]));

        await using var node = await ServerProcess.StartAsync(
            data, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + target);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct };
        await Parallel.ForEachAsync(sessions, parallel, async (session, _) =>
        {
            var response = await node.Http.PresentAsync(session.RefreshToken);
            await (session.IsLoggedOut ? response.ShouldBeLoggedOutAsync() : response.ShouldBePairAsync());
        });
        await node.Http.LogInAsync("user7");
    }

    public void Dispose() => data.Dispose();

    /// <summary>Copies the one user and session <see cref="Users"/> times, in the database of the stopped server.</summary>
    private List<(string RefreshToken, bool IsLoggedOut)> MultiplySessions()
    {
        var key = Convert.FromBase64String(File.ReadLines(Path.Combine(data.Keys, "root-1.key")).First());
        var keys = new RefreshKeyRing(new RootKeyRing(new Dictionary<byte, byte[]> { [1] = key }));
        using var database = data.OpenDatabase(SqliteOpenMode.ReadWrite);
        using var transaction = database.BeginTransaction();
        Execute(database, "DELETE FROM events");
        var user = CopyOf(database, "users", ["id", "username", "normalized_username"]);
        var session = CopyOf(database, "sessions", ["id", "user_id", "generation", "ended_at", "end_reason"]);
        var tokens = new List<(string, bool)>();
        for (var number = 1; number <= Users; number++)
        {
            var (userId, token) = (Guid.CreateVersion7(), new RefreshToken(Guid.CreateVersion7(), (uint)(number % 5)));
            Execute(user, IdOf(userId), $"user{number}", $"user{number}");
            var isLoggedOut = number % LoggedOutEvery == 0;
            object endedAt = isLoggedOut ? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() : DBNull.Value;
            object endReason = isLoggedOut ? (int)EndReason.Logout : DBNull.Value;
            Execute(session, IdOf(token.SessionId), IdOf(userId), (long)token.Generation, endedAt, endReason);
            tokens.Add((token.Encode(keys), isLoggedOut));
        }

        Execute(database, "DELETE FROM users WHERE username = 'user0'");
        Execute(
            database,
            "INSERT INTO external_identities SELECT randomblob(16), id, 'google', username, 'ada@example.com', 1 FROM users");
        transaction.Commit();
        user.Dispose();
        session.Dispose();
        return tokens;
    }

    private static byte[] IdOf(Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>Creates a statement that copies the first row of a table, with parameters for some of its columns.</summary>
    private static SqliteCommand CopyOf(SqliteConnection database, string table, IReadOnlyList<string> columns)
    {
        using var names = database.CreateCommand();
        names.CommandText =
            $"SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE name NOT IN ('{string.Join("','", columns)}')";
        var copied = (string)names.ExecuteScalar()!;
        var parameters = string.Join(',', columns.Select((_, at) => $"$p{at}"));
        var command = database.CreateCommand();
        command.CommandText =
            $"INSERT INTO {table} ({string.Join(',', columns)}, {copied}) SELECT {parameters}, {copied} FROM {table} LIMIT 1";
        return command;
    }

    private static void Execute(SqliteCommand command, params IReadOnlyList<object> values)
    {
        command.Parameters.Clear();
        for (var at = 0; at < values.Count; at++)
        {
            command.Parameters.AddWithValue($"$p{at}", values[at]);
        }

        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task KillCopyAsync(string target)
    {
        using var copy = CommandRun.Start(data, "copy", "--to", target);
        while (await copy.StandardError.ReadLineAsync(Ct) is { } line
            && !line.StartsWith("50,000 of 100,000 sessions", StringComparison.Ordinal))
        {
        }

        copy.Kill();
        await copy.WaitForExitAsync(Ct);
        Assert.Equal(137, copy.ExitCode);
    }

    private static async Task<(long Users, long Sessions, long Identities)> CountAsync(PostgresProcess postgres) => (
        (long)(await postgres.ReadAsync("SELECT count(*) FROM users"))!,
        (long)(await postgres.ReadAsync("SELECT count(*) FROM sessions"))!,
        (long)(await postgres.ReadAsync(
            "SELECT count(*) FROM external_identities i JOIN users u ON u.id = i.user_id AND u.username = i.subject"))!);
}
