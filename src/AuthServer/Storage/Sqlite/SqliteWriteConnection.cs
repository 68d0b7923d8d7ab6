using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage.Sqlite;

/// <summary>The connection that writes to the file.</summary>
internal sealed class SqliteWriteConnection(SqliteConnection connection, Func<SqliteConnection, AuthDbContext> attach) : IWriteConnection
{
    private readonly SqliteSessionSql sessions = new(connection);
    private SqliteTransaction? transaction;
    private AuthDbContext? db;

    public AuthDbContext Db
    {
        get
        {
            db ??= attach(connection);
            if (db.Database.CurrentTransaction is null)
            {
                db.Database.UseTransaction(transaction);
            }

            return db;
        }
    }

    // There is nothing between a file and who writes it.
    public bool IsBroken => false;

    // Which is BEGIN IMMEDIATE here: one that reads first and then wants to write fails at once where another has written.
    public async Task BeginAsync(CancellationToken ct) => transaction = (SqliteTransaction)await connection.BeginTransactionAsync(ct);

    public Task<Dictionary<Guid, LoadedSession>> ReadAsync(IReadOnlyCollection<Guid> ids) => Task.FromResult(sessions.Read(ids));

    // Who writes is alone.
    public Task LockUserAsync(Guid userId) => Task.CompletedTask;

    public Task LockSessionsAsync(Guid userId) => Task.CompletedTask;

    public async Task<IReadOnlySet<Guid>> CommitAsync(WriteTransaction turn)
    {
        foreach (var session in turn.Changed)
        {
            sessions.Write(session.Row);
        }

        foreach (var one in turn.Events)
        {
            sessions.Record(one);
        }

        if (db?.Database.CurrentTransaction is not null)
        {
            await db.SaveChangesAsync(CancellationToken.None);
            db.ChangeTracker.Clear();
            await db.Database.UseTransactionAsync(null);
        }

        await transaction!.CommitAsync(CancellationToken.None);
        transaction = null;
        return FrozenSet<Guid>.Empty;
    }

    public async ValueTask DisposeAsync()
    {
        // From the last to the first, and each whatever became of those before it.
        await using (connection)
        using (sessions)
        await using (db)
        await using (transaction)
        {
        }
    }
}
