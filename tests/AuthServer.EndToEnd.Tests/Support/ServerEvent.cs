namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Events in the log of the server, by their ids.</summary>
public enum ServerEvent
{
    /// <summary>Migrations were applied to the database.</summary>
    Migrated = 2,

    /// <summary>The process may open few files.</summary>
    FewFilesAllowed = 6,

    /// <summary>The database is on a file system that may lose commits.</summary>
    FileSystemDoubtful = 7,

    /// <summary>A session ended because its refresh token was reused.</summary>
    RefreshTokenReused = 10,

    /// <summary>A refresh token was used from two addresses.</summary>
    RefreshShared = 11,

    /// <summary>A refresh token was newer than the database.</summary>
    GenerationRecovered = 12,
}

/// <summary>Finds events in the JSON lines that the server logs in Production.</summary>
public static class ServerEvents
{
    /// <summary>Returns the lines of an event.</summary>
    public static IReadOnlyList<string> OfEvent(this IEnumerable<string> log, ServerEvent id) =>
    [
        .. log.Where(line => line.Contains($"\"EventId\":{id:D},", StringComparison.Ordinal)
            && line.Contains("\"Category\":\"AuthServer", StringComparison.Ordinal)),
    ];
}
