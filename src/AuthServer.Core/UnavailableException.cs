namespace AuthServer.Core;

/// <summary>
/// The server can't answer at the moment: the database is away, too busy or damaged, or the server is stopping.
/// </summary>
/// <param name="message">The reason, for the log.</param>
/// <param name="innerException">The cause; null if there is none.</param>
public sealed class UnavailableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>True if a commit may have happened and its answer was lost; false if nothing was changed.</summary>
    public bool IsOutcomeUnknown { get; init; }
}
