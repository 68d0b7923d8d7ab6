using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>A security event.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Client">The origin of the request that caused it; null if there was none.</param>
/// <param name="UserId">The account; null if there is none.</param>
internal sealed record SecurityEvent(EventKind Kind, ClientInfo? Client, Guid? UserId = null)
{
    /// <summary>The address in lines and rows of a request without one.</summary>
    public const string UnknownAddress = "unknown";

    public Guid? SessionId { get; init; }

    /// <summary>The reason of a session's end.</summary>
    public EndReason? Reason { get; init; }

    /// <summary>Few words on the change or the refusal: never a password, a token, or a name that does not exist.</summary>
    public string? Detail { get; init; }

    /// <summary>The exception that a request failed by, for the log alone.</summary>
    public Exception? Exception { get; init; }
}

/// <summary>
/// Counts events that any caller can cause, by their account or network and by the minute. So a flood of them is few rows and
/// few lines. Safe to share.
/// </summary>
internal interface IEventCounter
{
    /// <summary>Logs an event, unless there were too many in this minute, and counts it soon. Never throws.</summary>
    void Count(SecurityEvent one);
}
