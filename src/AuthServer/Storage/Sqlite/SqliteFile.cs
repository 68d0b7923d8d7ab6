using System.Runtime.InteropServices;
using AuthServer.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace AuthServer.Storage.Sqlite;

/// <summary>The database file: its path, its permissions, and the claim of the one server that uses it.</summary>
internal sealed partial class SqliteFile : IDisposable
{
    // Codes of the runtime for a file that another process has locked.
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    // Source: sqlite.org/c3ref/c_fcntl_begin_atomic_write.html.
    private const int HasMoved = 20;

    private FileStream? claim;
    private SqliteConnection? watched;
    private FileStream? log;
    private string? placeOfLog;

    public SqliteFile(IConfiguration configuration, IHostEnvironment environment, IOptions<DataOptions> data)
    {
        var configured = configuration.GetConnectionString("AuthServer");
        var builder = string.IsNullOrWhiteSpace(configured)
            ? new SqliteConnectionStringBuilder { DataSource = DefaultPath(data.Value) }
            : Read(configured);

        // SQLite's busy loop blocks a thread. It can only wait for a program beside this server.
        builder.DefaultTimeout = 5;
        builder.ForeignKeys = true;
        if (builder.Mode == SqliteOpenMode.ReadWriteCreate)
        {
            // A file that was removed is missed, and not replaced by an empty one.
            builder.Mode = SqliteOpenMode.ReadWrite;
        }

        if (builder.Mode == SqliteOpenMode.Memory
            || builder.DataSource is "" or ":memory:"
            || builder.DataSource.Contains('|', StringComparison.Ordinal)
            || builder.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw new StartupException(
                "ConnectionStrings:AuthServer names no file; give it as \"Data Source=/path/to/authserver.db\".");
        }

        // The name of the file itself, because two links to it are still one file to claim.
        var path = System.IO.Path.GetFullPath(builder.DataSource, environment.ContentRootPath);
        Path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? path;
        builder.DataSource = Path;
        ConnectionString = builder.ToString();
    }

    /// <summary>The file, absolute.</summary>
    public string Path { get; }

    public string ConnectionString { get; }

    /// <summary>True if no server has claimed the file.</summary>
    public bool IsFree
    {
        get
        {
            try
            {
                using var lockFile = File.Exists(Path + ".lock") ? OwnerOnlyFile.Open(Path + ".lock", FileShare.None) : null;
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// True unless the file that is watched, or its log, is no longer at its path: what is written then is lost.
    /// </summary>
    public bool IsInPlace
    {
        get
        {
            if (watched is null)
            {
                return true;
            }

            var hasMoved = 0;
            _ = FileControl(watched.Handle!, "main", HasMoved, ref hasMoved);
            return hasMoved == 0 && PlaceOfLog() == placeOfLog;
        }
    }

    /// <summary>
    /// Makes the file if it is missing, lets only its owner read it and its side files, and claims it for this server.
    /// </summary>
    /// <exception cref="StartupException">The place can't be written to, or another server has the file.</exception>
    public void Claim()
    {
        try
        {
            OwnerOnlyFile.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            claim = OwnerOnlyFile.Open(Path + ".lock", FileShare.None);
            OwnerOnlyFile.Open(Path, FileShare.ReadWrite | FileShare.Delete).Dispose();

            // SQLite gives side files the mode of the database; those of an earlier program are corrected here.
            foreach (var file in new[] { Path, Path + "-wal", Path + "-shm" }.Where(File.Exists))
            {
                OwnerOnlyFile.Close(file);
            }
        }
        catch (IOException exception) when (exception.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            throw new StartupException($"Another server is using {Path}; stop it, or give this one its own Data:Directory.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The database file {Path} can't be opened for writing; correct its permissions, or set Data:Directory.");
        }
    }

    /// <summary>
    /// Keeps the file and its log open from now on. SQLite removes a log that no connection has open, and makes another.
    /// </summary>
    public void Watch()
    {
        watched = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        watched.Open();
        using var command = watched.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        command.ExecuteScalar();
        log = new FileStream(Path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        placeOfLog = PlaceOfLog();
    }

    /// <summary>
    /// Closes the pooled connections, so that the log is written back and the file alone is complete.
    /// </summary>
    public void Dispose()
    {
        log?.Dispose();
        watched?.Dispose();
        if (claim is not null)
        {
            using var connection = new SqliteConnection(ConnectionString);
            SqliteConnection.ClearPool(connection);
            claim.Dispose();
        }
    }

    // Linux names the path at which an open file is now, with a word behind it if it was removed or replaced. Source: proc(5).
    private string? PlaceOfLog() => OperatingSystem.IsLinux() && log is not null
        ? File.ResolveLinkTarget($"/proc/self/fd/{log.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName
        : File.Exists(Path + "-wal") ? "" : null;

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(sqlite3 connection, string database, int operation, ref int result);

    private static SqliteConnectionStringBuilder Read(string connectionString)
    {
        try
        {
            return new SqliteConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new StartupException(
                "ConnectionStrings:AuthServer can't be read; give it as \"Data Source=/path/to/authserver.db\".");
        }
    }

    private static string DefaultPath(DataOptions data) => System.IO.Path.Combine(data.Directory, "authserver.db");
}
