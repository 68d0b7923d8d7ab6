namespace AuthServer.Storage;

/// <summary>The kind of fault that a database reports by an exception.</summary>
internal enum StorageFault
{
    /// <summary>A defect of the server, or no exception of the database at all.</summary>
    None,

    /// <summary>The database is away or too busy.</summary>
    Unavailable,

    /// <summary>Write conflict with a concurrent transaction; safe to retry.</summary>
    Conflict,
}
