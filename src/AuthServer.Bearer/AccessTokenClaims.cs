using AuthServer.Core;

namespace AuthServer.Bearer;

/// <summary>Names of claims, and of their values, that the library has no constant for.</summary>
internal static class AccessTokenClaims
{
    /// <summary>Source: RFC 8693 §4.3.</summary>
    public const string ClientId = "client_id";

    /// <summary>An array of strings. Source: RFC 9068 §2.2.3.1, in which it is a SCIM attribute.</summary>
    public const string Roles = "roles";

    /// <summary>True if the roles include the role of administrators.</summary>
    public const string Admin = "admin";

    /// <summary>Values of <c>amr</c>, by method. Source: RFC 8176 §2, which has none for other providers and for mails.</summary>
    public static readonly (AuthenticationMethods Method, string Name)[] AmrValues =
    [
        (AuthenticationMethods.Password, "pwd"), (AuthenticationMethods.External, "ext"), (AuthenticationMethods.Mail, "mail"),
        (AuthenticationMethods.OneTimePassword, "otp"), (AuthenticationMethods.HardwareKey, "hwk"),
        (AuthenticationMethods.SoftwareKey, "swk"), (AuthenticationMethods.MultiFactor, "mfa"),
    ];
}
