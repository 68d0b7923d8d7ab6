using System.Data.Common;
using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>Sits between the server and its database: counts what gets there, makes it fail, and tells when something was read.</summary>
internal sealed class DatabaseProbe : DbCommandInterceptor
{
    private int commands;
    private int transactions;
    private (string Column, TaskCompletionSource Done)? awaited;

    /// <summary>Puts the probe before EF Core and before what goes past it.</summary>
    public void AddTo(IServiceCollection services) => services
        .AddSingleton<IInterceptor>(this)
        .AddSingleton<IDatabase>(provider => new ProbedDatabase(ActivatorUtilities.CreateInstance<SqliteDatabase>(provider), this));

    /// <summary>Commands and write transactions so far: what reached the database.</summary>
    public int Count => commands + transactions;

    /// <summary>Write transactions so far.</summary>
    public int Transactions => transactions;

    /// <summary>Thrown in place of every command, the beginning of a transaction among them; null for none.</summary>
    public Exception? CommandFault { get; set; }

    /// <summary>Thrown in place of every commit; null for none.</summary>
    public Exception? CommitFault { get; set; }

    /// <summary>Thrown after the connection that writes was closed; null for none.</summary>
    public Exception? CloseFault { get; set; }

    /// <summary>A fault of SQLite. Source: sqlite.org/rescode.html.</summary>
    public static SqliteException Sqlite(int code) => new("secret of the database", code);

    /// <summary>Completes once the next query that names a column has been read to its end.</summary>
    public Task ReadOfAsync(string column)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        awaited = (column, done);
        return done.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        CommandFault is { } fault ? throw fault : Counted(result);

    public override InterceptionResult DataReaderDisposing(
        DbCommand command, DataReaderDisposingEventData eventData, InterceptionResult result)
    {
        if (awaited is { } read && command.CommandText.Contains(read.Column, StringComparison.Ordinal))
        {
            read.Done.TrySetResult();
        }

        return result;
    }

    private ValueTask<InterceptionResult<DbDataReader>> Counted(InterceptionResult<DbDataReader> result)
    {
        Interlocked.Increment(ref commands);
        return ValueTask.FromResult(result);
    }

    private sealed class ProbedDatabase(SqliteDatabase database, DatabaseProbe probe) : IDatabase
    {
        public Task PrepareAsync(CancellationToken ct) => database.PrepareAsync(ct);

        public Task<DbConnection> OpenAsync(CancellationToken ct) => probe.CommandFault is { } fault ? throw fault : database.OpenAsync(ct);

        public async Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct) => new ProbedConnection(await database.OpenToWriteAsync(ct), probe);

        public ISessionTable Sessions(DbConnection connection) => database.Sessions(connection);
    }

    private sealed class ProbedConnection(IWriteConnection connection, DatabaseProbe probe) : IWriteConnection
    {
        public ISessionTable Sessions => connection.Sessions;

        public AuthDbContext Db => connection.Db;

        public Task BeginAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref probe.transactions);
            return probe.CommandFault is { } fault ? throw fault : connection.BeginAsync(ct);
        }

        public Task CommitAsync() => probe.CommitFault is { } fault ? throw fault : connection.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            if (probe.CloseFault is { } fault)
            {
                throw fault;
            }
        }
    }
}
