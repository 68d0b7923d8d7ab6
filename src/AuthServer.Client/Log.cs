using Microsoft.Extensions.Logging;

namespace AuthServer.Client;

/// <summary>All log messages of the client. None contains a token or a password.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Session {SessionId} has ended: {Code} {Reason}")]
    public static partial void SessionEnded(this ILogger log, Guid sessionId, string code, string? reason);

    [LoggerMessage(2, LogLevel.Warning, "Session {SessionId} could not be refreshed and stays; next attempt in {Wait}")]
    public static partial void RefreshFailed(this ILogger log, Guid sessionId, TimeSpan wait, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "A subscriber of SessionEnded failed")]
    public static partial void SubscriberFailed(this ILogger log, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The device token could not be read; the request is sent without it")]
    public static partial void DeviceTokenNotRead(this ILogger log, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The device token could not be stored; the session is not affected")]
    public static partial void DeviceTokenNotWritten(this ILogger log, Exception exception);
}
