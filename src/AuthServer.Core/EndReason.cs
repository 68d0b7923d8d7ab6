namespace AuthServer.Core;

/// <summary>Reasons that sessions end for. The numbers are stored: never reuse one.</summary>
public enum EndReason
{
    /// <summary>Its own device logged out.</summary>
    Logout = 1,

    /// <summary>Its user logged out everywhere.</summary>
    LogoutAll = 2,

    /// <summary>Its user logged the device out from the list of sessions.</summary>
    Revoked = 3,

    /// <summary>A newer login of its user displaced it, to stay within <see cref="SessionPolicy.MaxPerUser"/>.</summary>
    Displaced = 4,

    /// <summary>The password was changed from another session.</summary>
    PasswordChanged = 5,

    /// <summary>The account was disabled.</summary>
    Disabled = 6,

    /// <summary>An old refresh token was presented that can't be a retry. Source: RFC 9700 §4.14.2.</summary>
    Reused = 7,

    /// <summary>Its idle or absolute lifetime was over, or its generations were used up.</summary>
    Expired = 8,

    /// <summary>A login by cookie in the same browser replaced it.</summary>
    Replaced = 9,

    /// <summary>The account was deleted.</summary>
    Deleted = 10,
}
