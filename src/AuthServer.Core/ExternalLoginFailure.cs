namespace AuthServer.Core;

/// <summary>
/// Reasons why a login by another provider failed. On the wire a reason is its name in snake_case. Source: RFC 6749 §4.1.2.1,
/// except for the last one.
/// </summary>
public enum ExternalLoginFailure
{
    /// <summary>The user or the provider refused.</summary>
    AccessDenied,

    /// <summary>The answer does not belong to a login that this browser began, or is too late.</summary>
    InvalidRequest,

    /// <summary>The provider's answer can't be trusted.</summary>
    ServerError,

    /// <summary>The provider can't be reached, or did not answer in time.</summary>
    TemporarilyUnavailable,

    /// <summary>The identity is linked to another account.</summary>
    IdentityInUse,
}
