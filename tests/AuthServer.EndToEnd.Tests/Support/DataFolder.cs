using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A place of its own for a server's data; removed when disposed of.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("authserver-e2e-");

    /// <summary>Where the test keeps what is not the server's.</summary>
    public string Root => root.FullName;

    /// <summary>The folder that the server is given. Nobody makes it but the server, unless a test does.</summary>
    public string Data => Path.Combine(Root, "data");

    public string Keys => Path.Combine(Data, "keys");

    public string Database => Path.Combine(Data, "authserver.db");

    /// <summary>Opens the database beside the server, or in its absence.</summary>
    public SqliteConnection OpenDatabase(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Database,
            Mode = mode,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>How many sessions there are, how often they were refreshed, and how many have ended.</summary>
    public (int Count, int Rotations, int Ended) Sessions()
    {
        using var database = OpenDatabase(SqliteOpenMode.ReadOnly);
        using var command = database.CreateCommand();
        command.CommandText = "SELECT COUNT(*), SUM(generation), COUNT(ended_at) FROM sessions";
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    public void Dispose() => root.Delete(recursive: true);
}
