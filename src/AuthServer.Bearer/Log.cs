using Microsoft.Extensions.Logging;

namespace AuthServer.Bearer;

/// <summary>Log messages of a back end. None contains a token or a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The keys of {Authority} could not be fetched; those that are known are still used")]
    public static partial void KeysNotFetched(this ILogger log, Exception exception, string authority);

    [LoggerMessage(2, LogLevel.Warning,
        "{Authority} has no public keys, so no token is accepted; set its Tokens:Algorithm to ES256")]
    public static partial void NoPublicKeys(this ILogger log, string authority);

    [LoggerMessage(3, LogLevel.Warning,
        "The feed of {Authority} is lost; ended sessions are accepted until their access tokens expire")]
    public static partial void FeedLost(this ILogger log, Exception exception, string authority);

    [LoggerMessage(4, LogLevel.Information, "The feed of {Authority} is heard again")]
    public static partial void FeedHeard(this ILogger log, string authority);
}
