namespace AuthServer.Storage;

/// <summary>The purpose that a database is opened for.</summary>
internal enum StorageUse
{
    /// <summary>Serving: alone if the database is for one server, and up to date if migrations are allowed.</summary>
    Serve,

    /// <summary>Bringing it up to date.</summary>
    Migrate,

    /// <summary>Reading and writing for one command, beside a running server or without one.</summary>
    Command,
}
