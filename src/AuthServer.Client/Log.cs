using Microsoft.Extensions.Logging;

namespace AuthServer.Client;

/// <summary>Every log line of the client. None has a token or a password.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Session {SessionId} is over: {Code} {Reason}")]
    public static partial void SessionEnded(this ILogger log, Guid sessionId, string code, string? reason);

    [LoggerMessage(2, LogLevel.Debug, "A refresh of session {SessionId} failed and will be tried again: {Why}")]
    public static partial void RefreshFailed(this ILogger log, Guid sessionId, string why);

    [LoggerMessage(3, LogLevel.Warning, "Session {SessionId} could not be refreshed; it stays, and the next request tries again")]
    public static partial void RefreshGivenUp(this ILogger log, Guid sessionId, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "A subscriber of SessionEnded failed")]
    public static partial void SubscriberFailed(this ILogger log, Exception exception);
}
