using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A temporary folder for the data of a server. Deleted on disposal.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("authserver-e2e-");

    /// <summary>The folder for files of the test.</summary>
    public string Root => root.FullName;

    /// <summary>The data folder of the server, which creates it.</summary>
    public string Data => Path.Combine(Root, "data");

    public string Keys => Path.Combine(Data, "keys");

    public string Database => Path.Combine(Data, "authserver.db");

    /// <summary>Opens the SQLite database. The server may be running.</summary>
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

    /// <summary>Executes a statement of a test. The server may be running.</summary>
    public void Execute(string sql)
    {
        using var database = OpenDatabase(SqliteOpenMode.ReadWriteCreate);
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // Tests make it of constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Returns the number of sessions, of their rotations and of those that have ended.</summary>
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
