using System.Data.Common;
using System.Globalization;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// One write transaction: its moment, the sessions loaded for writing, and the events. It changes only sessions that it has
/// loaded, so every end that is published has been written. It is used inside the call of <see cref="TransactionRunner"/> that
/// made it.
/// </summary>
/// <param name="provider">The database.</param>
/// <param name="sql">Statements over the connection of the transaction.</param>
/// <param name="transaction">The transaction of the connection; null if one statement is the transaction.</param>
/// <param name="isBatch">True for sessions that are independent of one another; false for all or nothing.</param>
/// <param name="now">The moment.</param>
internal sealed class WriteTransaction(
    IStorageProvider provider, ISessionSql sql, DbTransaction? transaction, bool isBatch, DateTimeOffset now) : IAsyncDisposable
{
    /// <summary>
    /// Maximum number of sessions of a user that a transaction ends. Other transactions wait for it, and its ends fit into one
    /// notification of other nodes.
    /// </summary>
    public const int MaxEnds = 148;

    private readonly SessionChanges changes = new();
    private readonly List<SecurityEvent> events = [];
    private AuthDbContext? db;
    private UserRow? user;

    /// <summary>The moment of every decision in this transaction, in whole milliseconds as it is stored.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Accounts and everything else that EF Core writes, in this transaction. A batch has none.</summary>
    /// <exception cref="InvalidOperationException">This is a batch.</exception>
    public AuthDbContext Db => isBatch
        ? throw new InvalidOperationException("A batch writes sessions and events only.")
        : db ??= provider.CreateContext(sql.Connection, transaction!);

    /// <summary>Loads those of these sessions that exist. A batch may lose them to a concurrent transaction.</summary>
    public Task<Dictionary<Guid, LoadedSession>> LoadAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        sql.LoadAsync(ids, changes, ct);

    /// <summary>Loads a user and locks it until the transaction is over. Null if there is none, or if it was deleted.</summary>
    public async Task<UserRow?> LoadUserAsync(Guid userId, CancellationToken ct)
    {
        await sql.LockUserAsync(userId, ct);
        return user = await Db.Users.SingleOrDefaultAsync(u => u.Id == userId && u.DeletedAt == null, ct);
    }

    /// <inheritdoc cref="ISessionSql.LockAdministratorsAsync"/>
    public Task LockAdministratorsAsync(CancellationToken ct) => sql.LockAdministratorsAsync(ct);

    /// <summary>
    /// Loads live sessions of the user, the oldest if there are more than the limit, and one more of any user if it is live.
    /// Locks them until the transaction is over.
    /// </summary>
    public Task<List<LoadedSession>> LoadLiveSessionsAsync(UserRow owner, int limit, Guid? besides, CancellationToken ct)
    {
        ThrowUnlessLoaded(owner);
        return sql.LoadLiveAsync(owner.Id, limit, besides, changes, ct);
    }

    /// <summary>Advances or ends a live session as <see cref="Rotation"/> has decided. Other decisions change nothing.</summary>
    /// <param name="session">A session that this transaction has loaded.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="presented">The generation that was presented.</param>
    /// <param name="policy">The lifetimes of sessions.</param>
    /// <param name="client">The origin of the request.</param>
    public void Apply(
        LoadedSession session, RotationDecision decision, uint presented, SessionPolicy policy, ClientInfo client)
    {
        switch (decision)
        {
            case Advance advance:
                session.Change(changes);
                var row = session.Row;
                (row.Generation, row.NewestPresented) = (advance.Generation, advance.NewestPresented);
                row.RotatedAt = advance.RotatedAt;
                (row.IpAddress, row.UserAgent) = (client.IpAddress, client.UserAgent);
                break;
            case Core.Expire:
                Expire(session, policy, client);
                break;
            case EndAsDisabled:
                End(session, EndReason.Disabled, client);
                break;
            case EndAsReused:
                End(session, EndReason.Reused, client);
                Record(new SecurityEvent(EventKind.RefreshTokenReused, client, session.Row.UserId)
                {
                    SessionId = session.Row.Id,
                    Detail = string.Create(
                        CultureInfo.InvariantCulture, $"{presented} was presented, {session.Row.Generation} is current"),
                });
                break;
        }
    }

    /// <summary>Writes a use of a live session by its handle, and its epoch if that is higher than the stored one.</summary>
    /// <param name="session">A session that this transaction has loaded.</param>
    /// <param name="epoch">The epoch of the session.</param>
    /// <param name="client">The origin of the request.</param>
    public void Use(LoadedSession session, uint epoch, ClientInfo client)
    {
        session.Change(changes);
        var row = session.Row;
        if (epoch > row.Generation)
        {
            changes.Raised.Add(new SessionEpoch(row.Id, epoch));
        }

        (row.Generation, row.RotatedAt) = (epoch, Now);
        (row.IpAddress, row.UserAgent) = (client.IpAddress, client.UserAgent);
    }

    /// <summary>
    /// Raises the epoch of a live session above all handles that it has given out, and notifies the nodes of it.
    /// </summary>
    /// <inheritdoc cref="Use" path="/param"/>
    public Task RaiseAsync(LoadedSession session, uint epoch, ClientInfo client, CancellationToken ct)
    {
        Use(session, epoch + 1, client);
        return sql.NotifyAsync(new SessionEpoch(session.Row.Id, epoch + 1), ct);
    }

    /// <summary>Ends a live session now and records it.</summary>
    /// <param name="session">A session that this transaction has loaded.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="cause">The origin of the request; null if there was none.</param>
    public void End(LoadedSession session, EndReason reason, ClientInfo? cause) => End(session, reason, Now, cause);

    /// <summary>Ends a session whose lifetime is over, as of the moment when that was.</summary>
    public void Expire(LoadedSession session, SessionPolicy policy, ClientInfo? cause)
    {
        var expiry = policy.ExpiryOf(session.Row.CreatedAt, session.Row.RotatedAt);
        End(session, EndReason.Expired, expiry < Now ? expiry : Now, cause);
    }

    /// <summary>
    /// Makes sure of the end of a session that had ended before. After the commit that end is durable and published, even if the
    /// answer to the commit that made it was lost.
    /// </summary>
    public void Confirm(LoadedSession session) => session.Confirm(changes);

    /// <summary>Ends the live sessions of a user, or those of <paramref name="of"/>, except one.</summary>
    /// <exception cref="TooManyEndsException">There are more than <see cref="MaxEnds"/>.</exception>
    public async Task EndAllAsync(
        UserRow owner, EndReason reason, Guid? except, ClientInfo? cause, CancellationToken ct, Predicate<SessionRow>? of = null)
    {
        // One more is the exception, and one more is too many.
        var sessions = await LoadLiveSessionsAsync(owner, MaxEnds + 2, besides: null, ct);
        sessions.RemoveAll(session => session.Row.Id == except);
        if (sessions.Count > MaxEnds)
        {
            throw new TooManyEndsException();
        }

        sessions.FindAll(session => of?.Invoke(session.Row) is not false).ForEach(session => End(session, reason, cause));
    }

    /// <summary>Opens a session of the user that this transaction has loaded, and records it.</summary>
    /// <exception cref="InvalidOperationException">The user is not loaded, or the proof opens no session of it.</exception>
    public SessionRow Open(
        UserRow owner, AuthenticationProof proof, LoginPolicy policy, string? deviceName, ClientInfo client)
    {
        ThrowUnlessLoaded(owner);
        if (owner.Decide(proof, policy) is not OpenSession)
        {
            throw new InvalidOperationException("A session opens by a proof that LoginDecision accepts.");
        }

        var session = new SessionRow
        {
            Id = Guid.CreateVersion7(Now),
            UserId = owner.Id,
            CreatedAt = Now,
            RotatedAt = Now,
            AuthenticatedAt = proof.At,
            Methods = proof.Methods,
            DeviceName = deviceName,
            IpAddress = client.IpAddress,
            UserAgent = client.UserAgent,
        };
        changes.Opened.Add(session);
        RecordProof(EventKind.Login, session, client);
        return session;
    }

    /// <summary>Replaces the proof of a live session by a newer one, and records it.</summary>
    public Task ReauthenticateAsync(
        LoadedSession session, AuthenticationProof proof, ClientInfo client, CancellationToken ct)
    {
        session.Change(changes);
        var row = session.Row;
        (row.AuthenticatedAt, row.Methods) = (proof.At, proof.Methods);
        RecordProof(EventKind.Reauthenticated, row, client);

        // By EF Core, so that the statement of every refresh writes no column for it.
        return Db.Sessions.Where(s => s.Id == row.Id).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.AuthenticatedAt, proof.At).SetProperty(s => s.Methods, proof.Methods), ct);
    }

    /// <summary>Records an event.</summary>
    public void Record(SecurityEvent one)
    {
        events.Add(one);
        changes.Events.Add(EventRow.Of(one, Now));
    }

    /// <summary>Adds counted events to the row of their account or network and minute. A batch counts none.</summary>
    /// <exception cref="InvalidOperationException">This is a batch.</exception>
    public void Count(EventRow row)
    {
        if (isBatch)
        {
            throw new InvalidOperationException("A batch writes sessions and their events only.");
        }

        changes.Counted.Add(row);
    }

    /// <summary>Reads rows without EF Core, which a start does not load.</summary>
    public async Task<List<T>> ReadRowsAsync<T>(FormattableString query, Func<DbDataReader, T> rowOf, CancellationToken ct)
    {
        await using var command = sql.Connection.NewCommand(query, transaction);
        return await command.ReadRowsAsync(rowOf, ct);
    }

    /// <summary>Runs a statement without EF Core, which a start does not load.</summary>
    public async Task ExecuteAsync(FormattableString statement, CancellationToken ct)
    {
        await using var command = sql.Connection.NewCommand(statement, transaction);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <inheritdoc cref="ISessionSql.NotifyAsync(CancellationToken)"/>
    public Task NotifyAsync(CancellationToken ct) => sql.NotifyAsync(ct);

    /// <inheritdoc cref="ISessionSql.ProbeAsync"/>
    public Task ProbeAsync(CancellationToken ct) => sql.ProbeAsync(ct);

    /// <inheritdoc cref="ISessionSql.RemoveEndedAsync"/>
    public Task<int> RemoveEndedAsync(DateTimeOffset before, int limit, CancellationToken ct) =>
        sql.RemoveEndedAsync(before, limit, ct);

    /// <inheritdoc cref="ISessionSql.RemoveEventsAsync"/>
    public Task<int> RemoveEventsAsync(DateTimeOffset before, int limit, CancellationToken ct) =>
        sql.RemoveEventsAsync(before, limit, ct);

    /// <summary>Writes all changes, those by EF Core first, and commits them durably.</summary>
    /// <inheritdoc cref="TransactionCommit.RunAsync" path="/param[@name='ct'] | /exception"/>
    public async Task<CommitResult> CommitAsync(CancellationToken ct)
    {
        if (db is not null)
        {
            changes.HasMail = db.ChangeTracker.Entries<MailRow>().Any(mail => mail.State == EntityState.Added);
            await db.SaveChangesAsync(ct);
        }

        return await new TransactionCommit(provider, sql, transaction, isBatch).RunAsync(changes, events, ct);
    }

    public ValueTask DisposeAsync() => db?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void End(LoadedSession session, EndReason reason, DateTimeOffset endedAt, ClientInfo? cause)
    {
        session.Change(changes);
        var row = session.Row;
        (row.EndedAt, row.EndReason) = (endedAt, reason);
        if (reason is EndReason.Deleted)
        {
            (row.IpAddress, row.UserAgent) = (null, null);
        }

        changes.Ended.Add(new SessionEnd(row.Id, reason, endedAt));
        Record(new SecurityEvent(EventKind.SessionEnded, cause, row.UserId) { SessionId = row.Id, Reason = reason });
    }

    private void RecordProof(EventKind kind, SessionRow session, ClientInfo client) =>
        Record(new SecurityEvent(kind, client, session.UserId)
        {
            SessionId = session.Id,
            Detail = session.Methods.ToString().ToLowerInvariant(),
        });

    private void ThrowUnlessLoaded(UserRow owner)
    {
        if (owner != user)
        {
            throw new InvalidOperationException("A transaction changes only sessions of the user that it has loaded.");
        }
    }
}
