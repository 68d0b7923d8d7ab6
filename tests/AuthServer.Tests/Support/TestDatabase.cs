using System.Data.Common;
using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>The database that these tests run on: a SQLite file in the data folder.</summary>
internal static class TestDatabase
{
    /// <summary>Statement that allows all updates of sessions again.</summary>
    public const string AllowUpdates = "DROP TRIGGER refusal";

    // Error (a table that was removed), busy, locked, read-only, I/O error, corrupt, full, can't open, protocol, not a database.
    // Source: sqlite.org/rescode.html.
    private static readonly int[] Codes = [1, 5, 6, 8, 10, 11, 13, 14, 15, 26];

    /// <summary>A fault that means that the database is away.</summary>
    public static DbException Away => Fault(14);

    /// <summary>A fault that means that the database is full.</summary>
    public static DbException Full => Fault(13);

    /// <summary>A fault that means that a part of the database is damaged.</summary>
    public static DbException Damaged => Fault(11);

    /// <summary>A fault that means nothing in particular.</summary>
    public static DbException Vague => Fault(19);

    /// <summary>All faults that make the database unavailable.</summary>
    public static IEnumerable<DbException> Faults => Codes.Select(Fault);

    /// <summary>Settings of a server that uses the database of a data folder.</summary>
    public static IEnumerable<(string Key, string Value)> SettingsOf(string dataDirectory) => [];

    public static IStorageProvider Create(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<SqliteStorageProvider>(provider);

    /// <summary>Statement that makes updates of one session, or of all, fail by a fault that is <see cref="Vague"/>.</summary>
    public static string RefuseUpdates(Guid? session = null)
    {
        var which = session is { } id ? $"WHEN hex(NEW.id) = '{Convert.ToHexString(id.ToByteArray(bigEndian: true))}'" : "";
        return $"CREATE TRIGGER refusal BEFORE UPDATE ON sessions {which} BEGIN SELECT RAISE(ABORT, 'no'); END";
    }

    /// <summary>The content of the database as one text.</summary>
    public static Task<string> ContentAsync(string dataDirectory) => Task.FromResult(string.Concat(Directory
        .EnumerateFiles(dataDirectory, "authserver.db*")
        .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
        .Select(ReadShared)));

    /// <summary>Waits until a server that was stopped has released its database.</summary>
    public static async Task ReleaseAsync(string dataDirectory)
    {
        // The program disposes of its services on a thread of its own, which the test host does not wait for.
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (IsClaimed(Path.Combine(dataDirectory, "authserver.db.lock")))
        {
            end.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Removes the database of a data folder that is about to be deleted.</summary>
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
