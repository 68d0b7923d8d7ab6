using System.Data.Common;
using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>
/// A probe between the server and its database. It counts commands, makes them fail, and signals when a query has been read.
/// </summary>
internal sealed class DatabaseProbe : DbCommandInterceptor
{
    private int commands;
    private int transactions;
    private (string Column, TaskCompletionSource Done)? awaited;

    /// <summary>Adds the probe to EF Core and to the storage provider.</summary>
    public void AddTo(IServiceCollection services) => services
        .AddSingleton<IInterceptor>(this)
        .AddSingleton<IStorageProvider>(provider => new ProbedProvider(TestDatabase.Create(provider), this));

    /// <summary>Number of commands and write transactions that reached the database.</summary>
    public int Count => commands + transactions;

    /// <summary>Number of write transactions.</summary>
    public int Transactions => transactions;

    /// <summary>Number of times that the log was written back.</summary>
    public int Checkpoints { get; private set; }

    /// <summary>Runs when the log is written back.</summary>
    public Func<Task>? AtCheckpoint { get; set; }

    /// <summary>Maximum number of sessions that one transaction has ended.</summary>
    public int MostEnds { get; private set; }

    /// <summary>Exception for every command and every beginning of a transaction; null for none.</summary>
    public Exception? CommandFault { get; set; }

    /// <summary>Exception for every write that a transaction is about to commit; null for none.</summary>
    public Exception? CommitFault { get; set; }

    /// <summary>Exception for every read of recent ends; null for none.</summary>
    public Exception? EndsFault { get; set; }

    /// <summary>A session that can't be loaded for writing; null for none.</summary>
    public Guid? DamagedSession { get; set; }

    /// <summary>Exception after the connection that writes was closed; null for none.</summary>
    public Exception? CloseFault { get; set; }

    /// <summary>Timeouts in place of the provider's; null for the provider's.</summary>
    public StorageTimeouts? Timeouts { get; set; }

    /// <summary>Completes when the next query that names a column has been read to its end.</summary>
    public Task ReadOfAsync(string column)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        awaited = (column, done);
        return done.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default) =>
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

    private sealed class ProbedProvider(IStorageProvider provider, DatabaseProbe probe) : IStorageProvider, IAsyncDisposable
    {
        public string Name => provider.Name;

        public bool Exists => provider.Exists;

        public int WriteConcurrency => provider.WriteConcurrency;

        public StorageTimeouts Timeouts => probe.Timeouts ?? provider.Timeouts;

        public string? LockTimeout => provider.LockTimeout;

        public string? NotReadyReason => provider.NotReadyReason;

        public Task PrepareAsync(StorageUse use, CancellationToken ct) => provider.PrepareAsync(use, ct);

        public Task<DbConnection> OpenAsync(CancellationToken ct) =>
            probe.CommandFault is { } fault ? throw fault : provider.OpenAsync(ct);

        public AuthDbContext CreateContext() => provider.CreateContext();

        public AuthDbContext CreateContext(DbConnection connection, DbTransaction transaction) =>
            provider.CreateContext(connection, transaction);

        public async ValueTask<ISessionSql> OpenForWritingAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref probe.transactions);
            return probe.CommandFault is { } fault ? throw fault : new ProbedSql(await provider.OpenForWritingAsync(ct), probe);
        }

        public async ValueTask ReleaseAsync(ISessionSql sql, bool isReusable)
        {
            await provider.ReleaseAsync(((ProbedSql)sql).Sql, isReusable);
            if (!isReusable && probe.CloseFault is { } fault)
            {
                throw fault;
            }
        }

        public async Task CheckpointAsync(CancellationToken ct)
        {
            probe.Checkpoints++;
            await provider.CheckpointAsync(ct);
            await (probe.AtCheckpoint?.Invoke() ?? Task.CompletedTask);
        }

        public Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct) =>
            probe.EndsFault is { } fault ? throw fault : provider.EndedSinceAsync(moment, ct);

        public StorageFault FaultOf(Exception exception) => provider.FaultOf(exception);

        public bool IsCommitOutcomeUnknown(Exception exception) => provider.IsCommitOutcomeUnknown(exception);

        public ValueTask DisposeAsync() => (provider as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private sealed class ProbedSql(ISessionSql sql, DatabaseProbe probe) : ISessionSql
    {
        public ISessionSql Sql => sql;

        public DbConnection Connection => sql.Connection;

        public bool IsOneStatement => sql.IsOneStatement;

        public Task<Dictionary<Guid, LoadedSession>> LoadAsync(
            IReadOnlyCollection<Guid> ids, SessionChanges changes, CancellationToken ct) =>
            probe.DamagedSession is { } damaged && ids.Contains(damaged)
                ? throw TestDatabase.Damaged
                : sql.LoadAsync(ids, changes, ct);

        public Task<List<LoadedSession>> LoadLiveAsync(
            Guid userId, int limit, Guid? besides, SessionChanges changes, CancellationToken ct) =>
            sql.LoadLiveAsync(userId, limit, besides, changes, ct);

        public Task LockUserAsync(Guid userId, CancellationToken ct) => sql.LockUserAsync(userId, ct);

        public Task LockAdministratorsAsync(CancellationToken ct) => sql.LockAdministratorsAsync(ct);

        public Task<IReadOnlySet<Guid>> WriteAsync(SessionChanges changes, CancellationToken ct)
        {
            probe.MostEnds = Math.Max(probe.MostEnds, changes.Ended.Count);
            return probe.CommitFault is { } fault ? throw fault : sql.WriteAsync(changes, ct);
        }

        public Task NotifyAsync(CancellationToken ct) => sql.NotifyAsync(ct);

        public Task NotifyAsync(SessionEpoch raised, CancellationToken ct) => sql.NotifyAsync(raised, ct);

        public Task ProbeAsync(CancellationToken ct) => sql.ProbeAsync(ct);

        public Task<int> RemoveEndedAsync(DateTimeOffset before, int limit, CancellationToken ct) =>
            sql.RemoveEndedAsync(before, limit, ct);

        public Task<int> RemoveEventsAsync(DateTimeOffset before, int limit, CancellationToken ct) =>
            sql.RemoveEventsAsync(before, limit, ct);

        public ValueTask DisposeAsync() => sql.DisposeAsync();
    }
}
