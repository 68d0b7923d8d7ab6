using System.Globalization;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;
using AuthServer.Core;
using Microsoft.Data.Sqlite;

namespace AuthServer.Benchmarks.Growth;

/// <summary>
/// A database of AuthServer with a given number of sessions, and their refresh tokens. The sessions are copies of one real login
/// under other ids, and the tokens are encoded with the server's key.
/// </summary>
internal sealed class SessionFile
{
    private static readonly TimeSpan SweepPollInterval = TimeSpan.FromSeconds(1);

    private readonly string folder;
    private readonly Guid[] ids;
    private readonly uint[] generations;
    private readonly RefreshKeyRing keys;

    private SessionFile(string folder, Guid[] ids, uint generation)
    {
        this.folder = folder;
        this.ids = ids;
        generations = new uint[ids.Length];
        Array.Fill(generations, generation);
        var key = File.ReadLines(Path.Combine(folder, "keys", "root-1.key")).First();
        keys = new RefreshKeyRing(new RootKeyRing(new Dictionary<byte, byte[]> { [1] = Convert.FromBase64String(key) }));
    }

    /// <summary>Number of sessions.</summary>
    public int Count => ids.Length;

    /// <summary>The data folder, the value of <c>Data:Directory</c>.</summary>
    public string Folder => folder;

    /// <summary>Size of the database including its write-ahead log, in bytes.</summary>
    public long Bytes => Directory.EnumerateFiles(folder, "authserver.db*").Sum(file => new FileInfo(file).Length);

    /// <summary>Creates a database: starts the server, logs in once, stops the server and copies the session.</summary>
    public static async Task<SessionFile> CreateAsync(string program, int sessions, CancellationToken ct)
    {
        var folder = Repository.NewDataFolder($"growth-{sessions}");
        var peer = Peers.Find(Peers.AuthServer);
        await using (var server = await ServerProcess.StartAsync(peer, program, SettingsIn(folder), ct))
        {
            using var pool = new ClientPool(server.Target);
            await pool.ConnectAsync(1, ct);
            pool.Disconnect();
            await server.StopAsync(ct);
        }

        await using var connection = new SqliteConnection($"Data Source={DatabaseIn(folder)};Pooling=False");
        await connection.OpenAsync(ct);
        return new SessionFile(folder, CopyFirst(connection, sessions), GenerationIn(connection));
    }

    /// <summary>Returns the environment variables of a server with a data folder.</summary>
    public static Dictionary<string, string> SettingsIn(string folder)
    {
        var peer = Peers.Find(Peers.AuthServer);
        var settings = peer.Settings(folder);
        settings[peer.WorkFactorVariable!] = "4";
        return settings;
    }

    /// <summary>Returns the current refresh token of a session.</summary>
    public string TokenOf(int session) => new RefreshToken(ids[session], generations[session]).Encode(keys);

    /// <summary>Records that the server has refreshed a session.</summary>
    public void RecordRefresh(int session) => generations[session]++;

    /// <summary>Lets all sessions of the file seem as old as can be, so that a sweep removes them. No server may run.</summary>
    public void Expire()
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseIn(folder)};Pooling=False");
        connection.Open();
        using var update = connection.CreateCommand();
        update.CommandText = "UPDATE sessions SET created_at = 0, rotated_at = 0, authenticated_at = 0";
        update.ExecuteNonQuery();
    }

    /// <summary>Waits until a server has removed all sessions of the file.</summary>
    public async Task WaitUntilSweptAsync(CancellationToken ct)
    {
        await using var connection = new SqliteConnection($"Data Source={DatabaseIn(folder)};Pooling=False;Mode=ReadOnly");
        await connection.OpenAsync(ct);
        await using var query = connection.CreateCommand();
        query.CommandText = "SELECT EXISTS (SELECT 1 FROM sessions WHERE created_at = 0)";
        while ((long)(await query.ExecuteScalarAsync(ct))! != 0)
        {
            await Task.Delay(SweepPollInterval, ct);
        }
    }

    /// <summary>Deletes the folder. The server must have stopped.</summary>
    public void Remove() => Repository.Remove(folder);

    private static string DatabaseIn(string folder) => Path.Combine(folder, "authserver.db");

    private static Guid[] CopyFirst(SqliteConnection connection, int sessions)
    {
        using var transaction = connection.BeginTransaction();
        using var names = connection.CreateCommand();
        names.CommandText = "SELECT group_concat(name) FROM pragma_table_info('sessions') WHERE name <> 'id'";
        var columns = (string)names.ExecuteScalar()!;
        using var first = connection.CreateCommand();
        first.CommandText = "SELECT id FROM sessions";
        var firstId = (byte[])first.ExecuteScalar()!;

        using var copy = connection.CreateCommand();
#pragma warning disable CA2100 // The names are read from the schema, because a migration may have added columns.
        copy.CommandText = $"INSERT INTO sessions (id, {columns}) SELECT $id, {columns} FROM sessions WHERE id = $first";
#pragma warning restore CA2100
        copy.Parameters.AddWithValue("$first", firstId);
        var id = copy.Parameters.AddWithValue("$id", firstId);
        var ids = new Guid[sessions];
        ids[0] = new Guid(firstId, bigEndian: true);

        // Ids ascend with the time of the login, here one millisecond apart.
        var login = DateTimeOffset.UtcNow;
        for (var session = 1; session < sessions; session++)
        {
            ids[session] = Guid.CreateVersion7(login.AddMilliseconds(session));
            id.Value = ids[session].ToByteArray(bigEndian: true);
            copy.ExecuteNonQuery();
        }

        transaction.Commit();
        return ids;
    }

    private static uint GenerationIn(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT generation FROM sessions LIMIT 1";
        return Convert.ToUInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
