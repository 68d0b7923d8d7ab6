namespace AuthServer.Storage;

/// <summary>The kind of fault that a database reports by an exception.</summary>
internal enum StorageFault
{
    /// <summary>A defect of the server, or no exception of the database at all.</summary>
    None,

    /// <summary>The database is away or too busy.</summary>
    Unavailable,

    /// <summary>A part of the database can't be read or written. The rest may work.</summary>
    Damaged,

    /// <summary>Write conflict with a concurrent transaction, or a lock that it holds; safe to retry.</summary>
    Conflict,
}
