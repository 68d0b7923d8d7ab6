using System.Text.Json;

namespace AuthServer.Core;

/// <summary>Kinds of mails. In words a kind is its name in snake_case. The numbers are stored: never reuse one.</summary>
public enum MailKind
{
    /// <summary>A link that verifies an address of the account.</summary>
    ConfirmEmail = 1,

    /// <summary>A notice to the former address that another one has been asked for.</summary>
    EmailChange = 2,

    /// <summary>A link that sets a new password.</summary>
    ResetPassword = 3,

    /// <summary>A notice that the password has changed.</summary>
    PasswordChanged = 4,

    /// <summary>A link that logs in.</summary>
    LogIn = 5,

    /// <summary>A notice of a login on a device that has not logged in before.</summary>
    NewDevice = 6,

    /// <summary>A notice that a second factor or a passkey was added.</summary>
    FactorAdded = 7,

    /// <summary>A notice that a second factor or a passkey was removed.</summary>
    FactorRemoved = 8,

    /// <summary>A code that proves again who the user of a session is.</summary>
    ReauthenticationCode = 9,

    /// <summary>A notice that the account was deleted.</summary>
    AccountDeleted = 10,

    /// <summary>A notice that the user name has changed.</summary>
    UsernameChanged = 11,
}

/// <summary>Names of the kinds of mails, the same in commands, in templates and on the wire.</summary>
public static class MailKinds
{
    /// <summary>The name of a kind, such as <c>reset_password</c>.</summary>
    public static string NameOf(MailKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    /// <summary>Time for which the link of a mail works, from the request for it; null for a mail without a link.</summary>
    public static TimeSpan? LifetimeOf(MailKind kind) => kind switch
    {
        MailKind.ConfirmEmail => TimeSpan.FromHours(24),
        MailKind.ResetPassword => TimeSpan.FromMinutes(30),
        MailKind.LogIn => TimeSpan.FromMinutes(15),
        _ => null,
    };

    /// <summary>Time after which a mail that could not be sent is given up: nothing is sent whose link or code is over.</summary>
    public static TimeSpan GivenUpAfter(MailKind kind) => LifetimeOf(kind)
        ?? (kind == MailKind.ReauthenticationCode ? MailCode.Lifetime : TimeSpan.FromDays(1));
}
