using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>The header <c>Authorization</c> of requests. Source: RFC 6750 §2.1.</summary>
internal static class AuthorizationHeader
{
    private const string BearerScheme = "Bearer ";

    /// <summary>
    /// The access token of <c>Authorization: Bearer</c>; empty if there is none. All that follows the scheme and its spaces
    /// counts as the token, or a malformed one would pass for an absent one.
    /// </summary>
    public static ReadOnlySpan<char> AccessTokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var authorization
        && authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            ? authorization.AsSpan(BearerScheme.Length).TrimStart(' ')
            : [];
}
