namespace AuthServer.Observability;

/// <summary>Every log line of the server. None has a token, a password, a key or a cookie.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "AuthServer listens on {Address}; the account page is there, the API reference at {Docs}")]
    public static partial void Started(this ILogger log, string address, string docs);

    [LoggerMessage(2, LogLevel.Information, "Applied {Count} migrations to {Database}")]
    public static partial void Migrated(this ILogger log, int count, string database);

    [LoggerMessage(3, LogLevel.Information, "Made new random keys in {Directory}; tokens made under other keys are not accepted")]
    public static partial void KeysMade(this ILogger log, string directory);

    [LoggerMessage(4, LogLevel.Warning, "{Path} can be read by other accounts of this machine; set its mode to 0600")]
    public static partial void KeyFileReadable(this ILogger log, string path);

    [LoggerMessage(5, LogLevel.Warning, "Passwords:WorkFactor is {WorkFactor}; under 10 a stolen database can be searched for passwords quickly")]
    public static partial void WorkFactorLow(this ILogger log, int workFactor);

    [LoggerMessage(10, LogLevel.Warning, "Session {SessionId} ended: its refresh token {Presented} came back while {Generation} is current",
        EventName = "refresh_token_reused")]
    public static partial void RefreshTokenReused(this ILogger log, Guid sessionId, uint presented, uint generation);

    [LoggerMessage(11, LogLevel.Warning, "Session {SessionId} was refreshed from {RotatedFrom} and, within the grace, from {RepeatedFrom}",
        EventName = "refresh_shared")]
    public static partial void RefreshShared(this ILogger log, Guid sessionId, string? rotatedFrom, string? repeatedFrom);

    [LoggerMessage(12, LogLevel.Warning, "Session {SessionId} was at generation {Stored} when {Presented} came: the database has lost writes, and {Generations} generations were recovered",
        EventName = "generation_recovered")]
    public static partial void GenerationRecovered(this ILogger log, Guid sessionId, uint stored, uint presented, uint generations);

    [LoggerMessage(13, LogLevel.Warning, "A failed login of user {UserId} was not counted")]
    public static partial void LoginFailureNotCounted(this ILogger log, Guid userId, Exception exception);

    [LoggerMessage(20, LogLevel.Information, "Swept: {Expired} sessions expired, {Sessions} ended ones and {Events} events removed")]
    public static partial void Swept(this ILogger log, int expired, int sessions, int events);

    [LoggerMessage(21, LogLevel.Warning, "The sweep stopped early and will be tried again")]
    public static partial void SweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(40, LogLevel.Information, "This node hears of sessions that other nodes end")]
    public static partial void ListenerConnected(this ILogger log);

    [LoggerMessage(41, LogLevel.Warning, "This node does not hear of sessions that other nodes end, and goes on trying; until then their access tokens live on")]
    public static partial void ListenerDisconnected(this ILogger log, Exception exception);

    [LoggerMessage(42, LogLevel.Warning, "The clock of this machine is ahead of the database's by {Offset}; over five seconds it is not ready")]
    public static partial void ClocksDiffer(this ILogger log, TimeSpan offset);

    [LoggerMessage(43, LogLevel.Warning, "This node is not ready. {Why}")]
    public static partial void NotReady(this ILogger log, string why);

    [LoggerMessage(30, LogLevel.Error, "The database can't be used")]
    public static partial void Unavailable(this ILogger log, Exception exception);

    [LoggerMessage(32, LogLevel.Warning, "A request was refused for now: {Why}")]
    public static partial void Overloaded(this ILogger log, string why);

    [LoggerMessage(31, LogLevel.Error, "A request failed by a defect of the server")]
    public static partial void RequestFailed(this ILogger log, Exception exception);
}
