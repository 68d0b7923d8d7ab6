namespace AuthServer.Observability;

/// <summary>Log messages of the server. None contains a token, a password, a key or a cookie.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "AuthServer listens on {Address}; account page there, {Docs}")]
    public static partial void Started(this ILogger log, string address, string docs);

    [LoggerMessage(2, LogLevel.Information, "Applied {Count} migrations to {Database}")]
    public static partial void Migrated(this ILogger log, int count, string database);

    [LoggerMessage(3, LogLevel.Information, "Created the root key {Path}; back it up with the database")]
    public static partial void KeyMade(this ILogger log, string path);

    [LoggerMessage(4, LogLevel.Warning, "Other accounts of this machine can read {Path}; set its mode to 0600")]
    public static partial void KeyFileReadable(this ILogger log, string path);

    [LoggerMessage(5, LogLevel.Warning,
        "Passwords:WorkFactor is {WorkFactor}; below 10, passwords of a stolen database can be guessed quickly")]
    public static partial void WorkFactorLow(this ILogger log, int workFactor);

    [LoggerMessage(6, LogLevel.Warning,
        "This process may open {Limit} files, and each connection needs one; "
        + "raise the limit to 65536 (LimitNOFILE= of systemd, or ulimit -n)",
        EventName = "few_files_allowed")]
    public static partial void FewFilesAllowed(this ILogger log, int limit);

    [LoggerMessage(7, LogLevel.Warning,
        "The file system of {Database} is {Type}, on which a commit may not survive a power cut; "
        + "set Data:Directory to a local disk",
        EventName = "file_system_doubtful")]
    public static partial void FileSystemDoubtful(this ILogger log, string database, string type);

    [LoggerMessage(8, LogLevel.Warning, "{Fault} This is tried again for {Timeout}", EventName = "waits_for_database")]
    public static partial void WaitsForDatabase(this ILogger log, string fault, TimeSpan timeout);

    [LoggerMessage(9, LogLevel.Error,
        "The time for a stop was over before all requests were answered; give it more by shutdownTimeoutSeconds",
        EventName = "stop_timed_out")]
    public static partial void StopTimedOut(this ILogger log);

    [LoggerMessage(12, LogLevel.Warning,
        "Recovered {Generations} generations of session {SessionId}, because {Presented} was presented and {Stored} is stored; "
        + "the database has lost writes",
        EventName = "generation_recovered")]
    public static partial void GenerationRecovered(
        this ILogger log, Guid sessionId, uint stored, uint presented, uint generations);

    [LoggerMessage(14, LogLevel.Warning, "{Count} failed logins could not be counted, because the database can't be written to",
        EventName = "failures_not_counted")]
    public static partial void FailuresNotCounted(this ILogger log, int count, Exception exception);

    [LoggerMessage(15, LogLevel.Information, "Metrics are served at {Address}")]
    public static partial void MetricsServed(this ILogger log, string address);

    [LoggerMessage(19, LogLevel.Warning,
        "Branding:Color is {Color}, whose contrast with white is {Contrast} and under 4.5; "
        + "text on buttons is black, and links have a darker shade of it",
        EventName = "brand_color_pale")]
    public static partial void BrandColorPale(this ILogger log, string color, double contrast);

    [LoggerMessage(20, LogLevel.Information,
        "Sweep: {Expired} sessions expired; {Sessions} ended sessions and {Events} events deleted")]
    public static partial void Swept(this ILogger log, int expired, int sessions, int events);

    [LoggerMessage(21, LogLevel.Warning, "The sweep failed and will be retried")]
    public static partial void SweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(22, LogLevel.Warning, "The sessions that other processes end can't be read; this is tried again every second")]
    public static partial void EndsNotRead(this ILogger log, Exception exception);

    [LoggerMessage(40, LogLevel.Information, "This node is notified of sessions that other nodes end")]
    public static partial void ListenerConnected(this ILogger log);

    [LoggerMessage(41, LogLevel.Warning,
        "This node is not notified of sessions that other nodes end and accepts their access tokens; it keeps reconnecting")]
    public static partial void ListenerDisconnected(this ILogger log, Exception exception);

    [LoggerMessage(42, LogLevel.Warning,
        "The clock of this machine is ahead of the database's by {Offset}; over five seconds the node is not ready")]
    public static partial void ClocksDiffer(this ILogger log, TimeSpan offset);

    [LoggerMessage(43, LogLevel.Warning, "This node is not ready. {Why}")]
    public static partial void NotReady(this ILogger log, string why);

    [LoggerMessage(30, LogLevel.Error, "The database is unavailable", EventName = "database_unavailable")]
    public static partial void Unavailable(this ILogger log, Exception exception);

    [LoggerMessage(32, LogLevel.Warning, "A request was refused temporarily: {Why}", EventName = "overloaded")]
    public static partial void Overloaded(this ILogger log, string why);

    [LoggerMessage(17, LogLevel.Error, "The last use of a session could not be written", EventName = "use_not_written")]
    public static partial void UseNotWritten(this ILogger log, Exception exception);

    [LoggerMessage(13, LogLevel.Error,
        "The access key {Number} can't be opened: its row was changed, or its root key is missing")]
    public static partial void AccessKeyNotOpened(this ILogger log, int number);

    [LoggerMessage(18, LogLevel.Warning, "The provider {Provider} gave no answer that can be used: {Exception}, {Message}",
        EventName = "provider_not_reached")]
    public static partial void ProviderNotReached(this ILogger log, string provider, string exception, string message);

    [LoggerMessage(80, LogLevel.Information, "Mails are written to {Folder}; set Mail:Delivery to smtp to send them",
        EventName = "mails_in_folder")]
    public static partial void MailsInFolder(this ILogger log, string folder);

    [LoggerMessage(81, LogLevel.Warning, "The mail {Mail} ({Kind}) was not sent: {Problem}; {Outcome}",
        EventName = "mail_not_sent")]
    public static partial void MailNotSent(this ILogger log, Guid mail, string kind, string problem, string outcome);

    [LoggerMessage(82, LogLevel.Error, "The mails of the outbox could not be sent", EventName = "mails_failed")]
    public static partial void MailsFailed(this ILogger log, Exception exception);

    [LoggerMessage(16, LogLevel.Error, "Access keys could not be read or rotated; the next attempt is in a minute")]
    public static partial void KeysNotRotated(this ILogger log, Exception exception);
}
