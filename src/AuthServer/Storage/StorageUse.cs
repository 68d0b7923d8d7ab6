namespace AuthServer.Storage;

/// <summary>What somebody wants of the database.</summary>
internal enum StorageUse
{
    /// <summary>To serve: alone, where the database is for one server, and up to date, where that is allowed.</summary>
    Serve,

    /// <summary>To bring it up to date.</summary>
    Migrate,

    /// <summary>To read and write, beside a server that runs or without one.</summary>
    Visit,
}
