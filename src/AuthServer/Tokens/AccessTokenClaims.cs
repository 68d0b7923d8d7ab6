namespace AuthServer.Tokens;

/// <summary>Names of claims that the library has no constant for.</summary>
internal static class AccessTokenClaims
{
    /// <summary>Source: RFC 8693 §4.3.</summary>
    public const string ClientId = "client_id";

    /// <summary>An array of strings. Source: RFC 9068 §2.2.3.1, where it stands as a SCIM attribute.</summary>
    public const string Roles = "roles";

    /// <summary>How the user proved an identity, an array of strings. Source: RFC 8176.</summary>
    public const string Amr = "amr";

    /// <summary>When the user last proved an identity. Source: OpenID Connect Core 1.0 §2.</summary>
    public const string AuthTime = "auth_time";

    /// <summary>Whether the roles have <see cref="AdminRole"/>.</summary>
    public const string Admin = "admin";

    /// <summary>The role of administrators.</summary>
    public const string AdminRole = "admin";
}
