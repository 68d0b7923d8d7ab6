namespace AuthServer.Storage;

/// <summary>The purpose that a database is opened for.</summary>
internal enum StorageUse
{
    /// <summary>To serve: alone if the database is for one server, and up to date if migrations are allowed.</summary>
    Serve,

    /// <summary>To bring it up to date.</summary>
    Migrate,

    /// <summary>To read and write for one command, beside a running server or without one.</summary>
    Command,
}
