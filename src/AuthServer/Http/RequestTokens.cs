using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>Takes tokens from requests.</summary>
internal static class RequestTokens
{
    /// <summary>The header of refresh tokens, in requests and in answers.</summary>
    public const string RefreshHeader = "X-Refresh-Token";

    private const string BearerScheme = "Bearer ";

    /// <summary>
    /// Takes the refresh token from the body, its header or its cookie, in this order, and the access token from its header (RFC 6750
    /// §2.1). Refuses with <see cref="ErrorCode.CrossSite"/> where the cookie would count and no page of ours sent the request.
    /// </summary>
    public static Outcome<PresentedTokens> Of(HttpRequest request, string? bodyToken)
    {
        var given = bodyToken ?? (request.Headers.TryGetValue(RefreshHeader, out var header) ? header.ToString() : null);
        var cookie = given is null ? RefreshCookie.Of(request) : null;
        return cookie is not null && !TrustedOrigins.Sent(request)
            ? ErrorCode.CrossSite
            : new PresentedTokens(
                given ?? cookie, AccessTokenOf(request) is { IsEmpty: false } token ? token.ToString() : null, ByCookie: cookie is not null);
    }

    /// <summary>
    /// The access token of <c>Authorization: Bearer</c>; empty where there is none. Whatever follows the scheme counts as a token, for
    /// one that is none must not pass for absent.
    /// </summary>
    public static ReadOnlySpan<char> AccessTokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var authorization
        && authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            ? authorization.AsSpan(BearerScheme.Length).Trim()
            : [];
}

/// <summary>Says that a route takes a refresh token, from wherever it comes.</summary>
internal sealed record TakesRefreshToken
{
    /// <summary>The places beside the body, as the API reference shows them.</summary>
    public static IEnumerable<OpenApiParameter> Describe()
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        yield return new()
        {
            Name = RequestTokens.RefreshHeader,
            In = ParameterLocation.Header,
            Description = "The refresh token, where the body has none.",
            Schema = schema,
        };
        yield return new()
        {
            Name = RefreshCookie.Name,
            In = ParameterLocation.Cookie,
            Description = "The refresh token, where neither body nor header have one; only from pages of this server or of `Cors:Origins`.",
            Schema = schema,
        };
    }
}

internal static class RefreshTokenRouteExtensions
{
    /// <summary>Says in the API reference where a route takes its refresh token from.</summary>
    public static RouteHandlerBuilder WithRefreshToken(this RouteHandlerBuilder route) => route
        .WithMetadata(new TakesRefreshToken())
        .WithProblems(ErrorCode.CrossSite);
}
