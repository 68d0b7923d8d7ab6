using System.Data.Common;
using AuthServer.Core;
using AuthServer.Storage;
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
        .AddSingleton<IStorageProvider>(provider => new ProbedDatabase(TestDatabase.Create(provider), this));

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

    private sealed class ProbedDatabase(IStorageProvider database, DatabaseProbe probe) : IStorageProvider
    {
        public int Writers => database.Writers;

        public string Name => database.Name;

        public bool Exists => database.Exists;

        public TimeSpan LongestWait => database.LongestWait;

        public TimeSpan LongestAnswer => database.LongestAnswer;

        public string? Trouble => database.Trouble;

        public Task PrepareAsync(StorageUse use, CancellationToken ct) => database.PrepareAsync(use, ct);

        public Task VerifyKeysAsync(IReadOnlyList<KeyFingerprint> keys, CancellationToken ct) => database.VerifyKeysAsync(keys, ct);

        public Task<DbConnection> OpenAsync(CancellationToken ct) => probe.CommandFault is { } fault ? throw fault : database.OpenAsync(ct);

        public async Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct) => new ProbedConnection(await database.OpenToWriteAsync(ct), probe);

        public Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct) =>
            database.EndedSinceAsync(moment, ct);
    }

    private sealed class ProbedConnection(IWriteConnection connection, DatabaseProbe probe) : IWriteConnection
    {
        public AuthDbContext Db => connection.Db;

        public bool IsBroken => connection.IsBroken;

        public Task BeginAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref probe.transactions);
            return probe.CommandFault is { } fault ? throw fault : connection.BeginAsync(ct);
        }

        public Task<Dictionary<Guid, LoadedSession>> ReadAsync(IReadOnlyCollection<Guid> ids) => connection.ReadAsync(ids);

        public Task LockUserAsync(Guid userId) => connection.LockUserAsync(userId);

        public Task LockSessionsAsync(Guid userId) => connection.LockSessionsAsync(userId);

        public Task<IReadOnlySet<Guid>> CommitAsync(WriteTransaction turn) =>
            probe.CommitFault is { } fault ? throw fault : connection.CommitAsync(turn);

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
