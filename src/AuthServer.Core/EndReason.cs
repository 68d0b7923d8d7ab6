namespace AuthServer.Core;

/// <summary>Why a session ended. The numbers are stored: never reuse one.</summary>
public enum EndReason
{
    /// <summary>Its own device logged out.</summary>
    Logout = 1,

    /// <summary>Its user logged out everywhere.</summary>
    LogoutAll = 2,

    /// <summary>Its user signed the device out from the list of sessions.</summary>
    Revoked = 3,

    /// <summary>A newer login took its place under <see cref="SessionPolicy.MaxPerUser"/>.</summary>
    Displaced = 4,

    /// <summary>The password was changed from another session.</summary>
    PasswordChanged = 5,

    /// <summary>The account was disabled.</summary>
    Disabled = 6,

    /// <summary>An old refresh token came back outside its grace. Source: RFC 9700 §4.14.2.</summary>
    Reused = 7,

    /// <summary>Its idle or absolute lifetime was over.</summary>
    Expired = 8,
}
