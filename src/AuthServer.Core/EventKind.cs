using System.Text.Json;

namespace AuthServer.Core;

/// <summary>
/// Kinds of security events. Source: OWASP ASVS 5.0 §16.3. In words a kind is its name in snake_case. The numbers are stored:
/// never reuse one.
/// </summary>
public enum EventKind
{
    /// <summary>A session was opened.</summary>
    Login = 1,

    /// <summary>Logins failed, counted by the minute.</summary>
    LoginFailed = 2,

    /// <summary>A session ended, with its <see cref="EndReason"/>.</summary>
    SessionEnded = 3,

    /// <summary>An old refresh token was presented that can't be a retry, which ended its session.</summary>
    RefreshTokenReused = 4,

    /// <summary>Refresh tokens were presented from a second address and user agent, counted by the minute.</summary>
    RefreshShared = 5,

    /// <summary>An account was added.</summary>
    Registered = 6,

    /// <summary>Registrations were refused, because registration is closed or the name taken. Counted by the minute.</summary>
    RegistrationRefused = 7,

    /// <summary>A user changed the password.</summary>
    PasswordChanged = 8,

    /// <summary>Changes of a password had a wrong current password, counted by the minute.</summary>
    PasswordChangeFailed = 9,

    /// <summary>An operator set the password of an account.</summary>
    PasswordSet = 10,

    /// <summary>An account was disabled.</summary>
    AccountDisabled = 11,

    /// <summary>An account was enabled again.</summary>
    AccountEnabled = 12,

    /// <summary>Roles were granted or revoked.</summary>
    RolesChanged = 13,

    /// <summary>Requests of foreign pages were refused a cookie, counted by the minute.</summary>
    CrossSiteRefused = 14,

    /// <summary>Requests exceeded a rate limit, counted by the minute.</summary>
    RateLimited = 15,

    /// <summary>Requests had no permission for what they asked, counted by the minute.</summary>
    Forbidden = 16,

    /// <summary>Tokens were forged, tampered with or of another server, counted by the minute. Expired ones are not.</summary>
    TokenRejected = 17,

    /// <summary>Requests broke a rule of their input, counted by the minute.</summary>
    RequestInvalid = 18,

    /// <summary>Requests failed by an unexpected exception, counted by the minute.</summary>
    RequestFailed = 19,

    /// <summary>A root key was added, removed or revoked, or an access key was added or withdrawn.</summary>
    KeysChanged = 20,

    /// <summary>A back end was added or removed, or got a new secret.</summary>
    ResourceServersChanged = 21,

    /// <summary>A user with an open session proved again who they are.</summary>
    Reauthenticated = 22,

    /// <summary>Logins by another provider failed, counted by the minute.</summary>
    ExternalLoginFailed = 23,

    /// <summary>An identity at another provider was linked to an account.</summary>
    ExternalLoginLinked = 24,

    /// <summary>An identity at another provider was unlinked from an account.</summary>
    ExternalLoginUnlinked = 25,

    /// <summary>An address of an account was verified or removed.</summary>
    EmailChanged = 26,

    /// <summary>A user set a forgotten password by the link of a mail.</summary>
    PasswordReset = 27,

    /// <summary>A second factor was set up.</summary>
    SecondFactorAdded = 28,

    /// <summary>A second factor was removed by its user or by an operator.</summary>
    SecondFactorRemoved = 29,

    /// <summary>Codes of second factors were wrong, counted by the minute.</summary>
    SecondFactorFailed = 30,

    /// <summary>The recovery codes of an account were replaced.</summary>
    RecoveryCodesReplaced = 31,

    /// <summary>A user switched the second factor of logins on or off.</summary>
    SecondFactorSwitched = 32,

    /// <summary>The display name or the language of an account was changed.</summary>
    ProfileChanged = 36,

    /// <summary>The user name of an account was changed.</summary>
    UsernameChanged = 37,

    /// <summary>An account was deleted.</summary>
    AccountDeleted = 38,

    /// <summary>Everything stored about an account was read by its user or by an operator.</summary>
    AccountExported = 39,

    /// <summary>An operator freed a name that an account had given up.</summary>
    NameFreed = 40,

    /// <summary>A passkey was added to an account.</summary>
    PasskeyAdded = 33,

    /// <summary>A passkey was removed from an account.</summary>
    PasskeyRemoved = 34,

    /// <summary>Proofs by passkeys were refused, counted by the minute. A counter that goes back is one.</summary>
    PasskeyRejected = 35,
}

/// <summary>Names of the kinds of events, the same in commands, in the log and in the guide.</summary>
public static class EventKinds
{
    /// <summary>The name of a kind, such as <c>login_failed</c>.</summary>
    public static string NameOf(EventKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    /// <summary>Finds the kind of a name.</summary>
    public static bool TryParse(string? name, out EventKind kind)
    {
        kind = Array.Find(Enum.GetValues<EventKind>(), one => NameOf(one) == name);
        return kind != default;
    }
}
