namespace AuthServer.Storage;

/// <summary>
/// How a database reads and writes sessions for the writer: by hand, for EF Core's queries and change tracking cost more than all the
/// rest of a refresh. Bound to one connection and used inside its transaction; not safe to share.
/// </summary>
internal interface ISessionTable : IDisposable
{
    /// <summary>The session of an id with its user; null where there is none.</summary>
    BatchedSession? Find(Guid id);

    /// <summary>Writes what a rotation or an end has changed.</summary>
    void Update(SessionRow session);
}
