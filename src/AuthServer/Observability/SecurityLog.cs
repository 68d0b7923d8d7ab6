using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>
/// Log lines of security events, one or more for each <see cref="EventKind"/>. The address comes before anything that a caller
/// chooses, so that programs such as fail2ban find it. Source: OWASP ASVS 5.0 §16.4.1.
/// </summary>
internal static partial class SecurityLog
{
    [LoggerMessage(10, LogLevel.Warning,
        "Old refresh token used again from {Address}; user {UserId}, session {SessionId}, which ended: {Detail}",
        EventName = "refresh_token_reused")]
    public static partial void RefreshTokenReused(
        this ILogger log, string address, Guid? userId, Guid? sessionId, string? detail);

    [LoggerMessage(11, LogLevel.Warning,
        "Refreshed by an older token from {Address}; user {UserId}, session {SessionId}, {Detail}",
        EventName = "refresh_shared")]
    public static partial void RefreshShared(this ILogger log, string address, Guid? userId, Guid? sessionId, string? detail);

    [LoggerMessage(31, LogLevel.Error, "Request failed by an unexpected exception from {Address}", EventName = "request_failed")]
    public static partial void RequestFailed(this ILogger log, string address, Exception? exception);

    [LoggerMessage(33, LogLevel.Warning, "Cross-site request refused from {Address}; {Detail}", EventName = "cross_site_refused")]
    public static partial void CrossSiteRefused(this ILogger log, string address, string? detail);

    [LoggerMessage(50, LogLevel.Information, "Login from {Address}; user {UserId}, session {SessionId}, by {Detail}",
        EventName = "login")]
    public static partial void Login(this ILogger log, string address, Guid? userId, Guid? sessionId, string? detail);

    [LoggerMessage(51, LogLevel.Warning, "Login by password failed from {Address}; user {UserId}", EventName = "login_failed")]
    public static partial void LoginFailed(this ILogger log, string address, string userId);

    [LoggerMessage(52, LogLevel.Information, "Sessions ended by {Address}; user {UserId}, {Count} of them: {Reason}",
        EventName = "session_ended")]
    public static partial void SessionEnded(this ILogger log, string address, Guid? userId, int count, string reason);

    [LoggerMessage(53, LogLevel.Information, "Account registered from {Address}; user {UserId}", EventName = "registered")]
    public static partial void Registered(this ILogger log, string address, Guid? userId);

    [LoggerMessage(54, LogLevel.Information, "Registration refused from {Address}; {Detail}", EventName = "registration_refused")]
    public static partial void RegistrationRefused(this ILogger log, string address, string? detail);

    [LoggerMessage(55, LogLevel.Information, "Password changed from {Address}; user {UserId}", EventName = "password_changed")]
    public static partial void PasswordChanged(this ILogger log, string address, Guid? userId);

    [LoggerMessage(56, LogLevel.Warning, "Password change failed from {Address}; user {UserId}",
        EventName = "password_change_failed")]
    public static partial void PasswordChangeFailed(this ILogger log, string address, Guid? userId);

    [LoggerMessage(57, LogLevel.Information, "Password set by {Address}; user {UserId}", EventName = "password_set")]
    public static partial void PasswordSet(this ILogger log, string address, Guid? userId);

    [LoggerMessage(58, LogLevel.Information, "Account disabled by {Address}; user {UserId}", EventName = "account_disabled")]
    public static partial void AccountDisabled(this ILogger log, string address, Guid? userId);

    [LoggerMessage(59, LogLevel.Information, "Account enabled by {Address}; user {UserId}", EventName = "account_enabled")]
    public static partial void AccountEnabled(this ILogger log, string address, Guid? userId);

    [LoggerMessage(60, LogLevel.Information, "Roles changed by {Address}; user {UserId}: {Detail}", EventName = "roles_changed")]
    public static partial void RolesChanged(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(61, LogLevel.Warning, "Rate limit exceeded from {Address}", EventName = "rate_limited")]
    public static partial void RateLimited(this ILogger log, string address);

    [LoggerMessage(62, LogLevel.Warning, "Permission refused from {Address}; user {UserId}", EventName = "forbidden")]
    public static partial void Forbidden(this ILogger log, string address, Guid? userId);

    [LoggerMessage(63, LogLevel.Warning, "Token rejected from {Address}; {Detail}", EventName = "token_rejected")]
    public static partial void TokenRejected(this ILogger log, string address, string? detail);

    [LoggerMessage(64, LogLevel.Information, "Invalid request from {Address}; {Detail}", EventName = "request_invalid")]
    public static partial void RequestInvalid(this ILogger log, string address, string? detail);

    [LoggerMessage(65, LogLevel.Information, "Keys changed: {Detail}", EventName = "keys_changed")]
    public static partial void KeysChanged(this ILogger log, string? detail);

    [LoggerMessage(68, LogLevel.Information, "Back end {Detail}", EventName = "resource_servers_changed")]
    public static partial void ResourceServersChanged(this ILogger log, string? detail);

    [LoggerMessage(69, LogLevel.Information, "Reauthenticated from {Address}; user {UserId}, session {SessionId}, by {Detail}",
        EventName = "reauthenticated")]
    public static partial void Reauthenticated(
        this ILogger log, string address, Guid? userId, Guid? sessionId, string? detail);

    [LoggerMessage(70, LogLevel.Warning, "External login failed from {Address}; {Detail}", EventName = "external_login_failed")]
    public static partial void ExternalLoginFailed(this ILogger log, string address, string? detail);

    [LoggerMessage(71, LogLevel.Information, "External login linked from {Address}; user {UserId}, {Detail}",
        EventName = "external_login_linked")]
    public static partial void ExternalLoginLinked(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(72, LogLevel.Information, "External login unlinked from {Address}; user {UserId}, {Detail}",
        EventName = "external_login_unlinked")]
    public static partial void ExternalLoginUnlinked(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(73, LogLevel.Information, "Email address {Detail} from {Address}; user {UserId}",
        EventName = "email_changed")]
    public static partial void EmailChanged(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(74, LogLevel.Information, "Password reset by mail from {Address}; user {UserId}",
        EventName = "password_reset")]
    public static partial void PasswordReset(this ILogger log, string address, Guid? userId);

    [LoggerMessage(75, LogLevel.Information, "Second factor {Detail} added from {Address}; user {UserId}",
        EventName = "second_factor_added")]
    public static partial void SecondFactorAdded(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(76, LogLevel.Information, "Second factor {Detail} removed from {Address}; user {UserId}",
        EventName = "second_factor_removed")]
    public static partial void SecondFactorRemoved(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(77, LogLevel.Warning, "Second factor failed from {Address}; user {UserId}",
        EventName = "second_factor_failed")]
    public static partial void SecondFactorFailed(this ILogger log, string address, Guid? userId);

    [LoggerMessage(78, LogLevel.Information, "Recovery codes replaced from {Address}; user {UserId}",
        EventName = "recovery_codes_replaced")]
    public static partial void RecoveryCodesReplaced(this ILogger log, string address, Guid? userId);

    [LoggerMessage(79, LogLevel.Information, "Second factor of logins switched {Detail} from {Address}; user {UserId}",
        EventName = "second_factor_switched")]
    public static partial void SecondFactorSwitched(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(86, LogLevel.Information, "Profile changed from {Address}; user {UserId}: {Detail}",
        EventName = "profile_changed")]
    public static partial void ProfileChanged(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(87, LogLevel.Information, "User name changed from {Address}; user {UserId}", EventName = "username_changed")]
    public static partial void UsernameChanged(this ILogger log, string address, Guid? userId);

    [LoggerMessage(88, LogLevel.Information, "Account deleted from {Address}; user {UserId}", EventName = "account_deleted")]
    public static partial void AccountDeleted(this ILogger log, string address, Guid? userId);

    [LoggerMessage(90, LogLevel.Information, "Account exported from {Address}; user {UserId}", EventName = "account_exported")]
    public static partial void AccountExported(this ILogger log, string address, Guid? userId);

    [LoggerMessage(91, LogLevel.Information, "Given-up name freed by {Address}; user {UserId}", EventName = "name_freed")]
    public static partial void NameFreed(this ILogger log, string address, Guid? userId);

    [LoggerMessage(83, LogLevel.Information, "Passkey added from {Address}; user {UserId}, {Detail}",
        EventName = "passkey_added")]
    public static partial void PasskeyAdded(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(84, LogLevel.Information, "Passkey removed from {Address}; user {UserId}, {Detail}",
        EventName = "passkey_removed")]
    public static partial void PasskeyRemoved(this ILogger log, string address, Guid? userId, string? detail);

    [LoggerMessage(85, LogLevel.Warning, "Passkey rejected from {Address}; user {UserId}, {Detail}",
        EventName = "passkey_rejected")]
    public static partial void PasskeyRejected(this ILogger log, string address, string userId, string? detail);

    [LoggerMessage(66, LogLevel.Information,
        "More {Kind} from {Address} are counted without a line until the next minute", EventName = "lines_limited")]
    public static partial void LinesLimited(this ILogger log, string kind, string address);

    [LoggerMessage(67, LogLevel.Warning, "{Count} events of the kind {Kind} could not be recorded",
        EventName = "event_not_counted")]
    public static partial void EventNotCounted(this ILogger log, int count, string kind, Exception? exception);
}
