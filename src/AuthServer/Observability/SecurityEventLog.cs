using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>
/// Writes the log lines of security events, in the category <c>AuthServer.Security</c>. It never throws: the events have
/// happened even if the log fails. Safe to share.
/// </summary>
internal sealed class SecurityEventLog(ILoggerFactory loggers, LineLimit limit)
{
    public const string Category = "AuthServer.Security";

    private readonly ILogger log = loggers.CreateLogger(Category);

    /// <summary>
    /// Writes the lines of a transaction that is durable. Ended sessions have one line for each user and reason.
    /// </summary>
    public void Write(IReadOnlyList<SecurityEvent> events) => Guard(() =>
    {
        foreach (var one in events)
        {
            WriteLine(one);
        }

        // A sweep reports the number of expired sessions.
        var ends = events.Where(one => one is { Kind: EventKind.SessionEnded, Reason: not EndReason.Expired });
        foreach (var ended in ends.GroupBy(one => (one.UserId, one.Reason)))
        {
            var reason = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{ended.Key.Reason}");
            log.SessionEnded(AddressOf(ended.First()), ended.Key.UserId, ended.Count(), reason);
        }
    });

    /// <summary>Writes the line of an event that any caller can cause, within the limit of lines.</summary>
    public void WriteLimited(SecurityEvent one) => Guard(() =>
    {
        if (limit.TryAdmit(log, EventKinds.NameOf(one.Kind), one.Client?.IpAddress))
        {
            WriteLine(one);
        }
    });

    /// <summary>Reports events that could not be recorded.</summary>
    public void WriteNotCounted(EventKind kind, int count, Exception? exception) =>
        Guard(() => log.EventNotCounted(count, EventKinds.NameOf(kind), exception));

    private static string AddressOf(SecurityEvent one) =>
        one.Client is { IpAddress: null, UserAgent: { } program } && one.Client == ClientInfo.CommandLine
            ? program
            : one.Client?.IpAddress ?? SecurityEvent.UnknownAddress;

    private static void Guard(Action write)
    {
        try
        {
            write();
        }
#pragma warning disable CA1031 // The log is what failed.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private void WriteLine(SecurityEvent one)
    {
        var address = AddressOf(one);
        switch (one.Kind)
        {
            case EventKind.Login:
                log.Login(address, one.UserId, one.SessionId, one.Detail);
                break;
            case EventKind.LoginFailed:
                log.LoginFailed(address, one.UserId?.ToString() ?? SecurityEvent.UnknownAddress);
                break;
            case EventKind.RefreshTokenReused:
                log.RefreshTokenReused(address, one.UserId, one.SessionId, one.Detail);
                break;
            case EventKind.RefreshShared:
                log.RefreshShared(address, one.UserId, one.SessionId, one.Detail);
                break;
            case EventKind.Registered:
                log.Registered(address, one.UserId);
                break;
            case EventKind.RegistrationRefused:
                log.RegistrationRefused(address, one.Detail);
                break;
            case EventKind.PasswordChanged:
                log.PasswordChanged(address, one.UserId);
                break;
            case EventKind.PasswordChangeFailed:
                log.PasswordChangeFailed(address, one.UserId);
                break;
            case EventKind.PasswordSet:
                log.PasswordSet(address, one.UserId);
                break;
            case EventKind.AccountDisabled:
                log.AccountDisabled(address, one.UserId);
                break;
            case EventKind.AccountEnabled:
                log.AccountEnabled(address, one.UserId);
                break;
            case EventKind.RolesChanged:
                log.RolesChanged(address, one.UserId, one.Detail);
                break;
            case EventKind.CrossSiteRefused:
                log.CrossSiteRefused(address, one.Detail);
                break;
            case EventKind.RateLimited:
                log.RateLimited(address);
                break;
            case EventKind.Forbidden:
                log.Forbidden(address, one.UserId);
                break;
            case EventKind.TokenRejected:
                log.TokenRejected(address, one.Detail);
                break;
            case EventKind.RequestInvalid:
                log.RequestInvalid(address, one.Detail);
                break;
            case EventKind.RequestFailed:
                log.RequestFailed(address, one.Exception);
                break;
            case EventKind.KeysChanged:
                log.KeysChanged(one.Detail);
                break;
            case EventKind.ResourceServersChanged:
                log.ResourceServersChanged(one.Detail);
                break;
            case EventKind.Reauthenticated:
                log.Reauthenticated(address, one.UserId, one.SessionId, one.Detail);
                break;
            case EventKind.ExternalLoginFailed:
                log.ExternalLoginFailed(address, one.Detail);
                break;
            case EventKind.ExternalLoginLinked:
                log.ExternalLoginLinked(address, one.UserId, one.Detail);
                break;
            case EventKind.ExternalLoginUnlinked:
                log.ExternalLoginUnlinked(address, one.UserId, one.Detail);
                break;
            case EventKind.EmailChanged:
                log.EmailChanged(address, one.UserId, one.Detail);
                break;
            case EventKind.PasswordReset:
                log.PasswordReset(address, one.UserId);
                break;
            case EventKind.SecondFactorAdded:
                log.SecondFactorAdded(address, one.UserId, one.Detail);
                break;
            case EventKind.SecondFactorRemoved:
                log.SecondFactorRemoved(address, one.UserId, one.Detail);
                break;
            case EventKind.SecondFactorFailed:
                log.SecondFactorFailed(address, one.UserId);
                break;
            case EventKind.RecoveryCodesReplaced:
                log.RecoveryCodesReplaced(address, one.UserId);
                break;
            case EventKind.SecondFactorSwitched:
                log.SecondFactorSwitched(address, one.UserId, one.Detail);
                break;
            case EventKind.ProfileChanged:
                log.ProfileChanged(address, one.UserId, one.Detail);
                break;
            case EventKind.UsernameChanged:
                log.UsernameChanged(address, one.UserId);
                break;
            case EventKind.AccountDeleted:
                log.AccountDeleted(address, one.UserId);
                break;
            case EventKind.AccountExported:
                log.AccountExported(address, one.UserId);
                break;
            case EventKind.NameFreed:
                log.NameFreed(address, one.UserId);
                break;
            case EventKind.PasskeyAdded:
                log.PasskeyAdded(address, one.UserId, one.Detail);
                break;
            case EventKind.PasskeyRemoved:
                log.PasskeyRemoved(address, one.UserId, one.Detail);
                break;
            case EventKind.PasskeyRejected:
                log.PasskeyRejected(address, one.UserId?.ToString() ?? SecurityEvent.UnknownAddress, one.Detail);
                break;
        }
    }
}
