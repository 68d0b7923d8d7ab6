namespace AuthServer.Storage;

/// <summary>The connection that writes, one transaction after the other. Not safe to share.</summary>
internal interface IWriteConnection : IAsyncDisposable
{
    /// <summary>The sessions, in the transaction.</summary>
    ISessionTable Sessions { get; }

    /// <summary>Everything, in the transaction. EF Core gets ready when this is first asked for.</summary>
    AuthDbContext Db { get; }

    /// <summary>Begins a transaction that may write from the start.</summary>
    Task BeginAsync(CancellationToken ct);

    /// <summary>Saves what <see cref="Db"/> tracks and makes the transaction durable. Where it throws, nothing was written.</summary>
    Task CommitAsync();
}
