using System.Data.Common;
using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>What these tests have to know of the kind of database they run on: here a SQLite file in the data folder.</summary>
internal static class TestDatabase
{
    /// <summary>Lets any update of sessions go through again.</summary>
    public const string AllowUpdates = "DROP TRIGGER refusal";

    // Busy, locked, read-only, input/output, corrupt, full, can't open, protocol, not a database. Source: sqlite.org/rescode.html.
    private static readonly int[] Codes = [5, 6, 8, 10, 11, 13, 14, 15, 26];

    /// <summary>The database can't be asked.</summary>
    public static DbException Away => Fault(14);

    /// <summary>The database can't be written.</summary>
    public static DbException Full => Fault(13);

    /// <summary>A fault of no kind that says anything.</summary>
    public static DbException Vague => Fault(1);

    /// <summary>Every kind of trouble.</summary>
    public static IEnumerable<DbException> Troubles => Codes.Select(Fault);

    /// <summary>What the server has to be told to use the database of a data folder.</summary>
    public static IEnumerable<(string Key, string Value)> SettingsOf(string dataDirectory) => [];

    public static IStorageProvider Create(IServiceProvider provider) => ActivatorUtilities.CreateInstance<SqliteStorageProvider>(provider);

    /// <summary>Has an update of sessions fail, of one or of any, for no reason of the database's state.</summary>
    public static string RefuseUpdates(Guid? session = null)
    {
        var which = session is { } id ? $"WHEN hex(NEW.id) = '{Convert.ToHexString(id.ToByteArray(bigEndian: true))}'" : "";
        return $"CREATE TRIGGER refusal BEFORE UPDATE ON sessions {which} BEGIN SELECT RAISE(ABORT, 'no'); END";
    }

    /// <summary>Everything that the database holds, as one text.</summary>
    public static Task<string> ContentAsync(string dataDirectory) => Task.FromResult(string.Concat(Directory
        .EnumerateFiles(dataDirectory, "authserver.db*")
        .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
        .Select(ReadShared)));

    /// <summary>Waits until a server that was stopped has let go of its database.</summary>
    public static async Task ReleaseAsync(string dataDirectory)
    {
        // The program disposes of what it has too, on a thread of its own that nobody here waits for.
        while (IsClaimed(Path.Combine(dataDirectory, "authserver.db.lock")))
        {
            await Task.Yield();
        }
    }

    /// <summary>Removes the database of a data folder that is about to go.</summary>
    public static Task RemoveAsync(string dataDirectory) => Task.CompletedTask;

    private static SqliteException Fault(int code) => new("secret of the database", code);

    private static bool IsClaimed(string path)
    {
        try
        {
            using var claim = File.Exists(path) ? File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
