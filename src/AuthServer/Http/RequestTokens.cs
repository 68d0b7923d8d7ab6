using AuthServer.Bearer;
using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>Takes tokens from requests.</summary>
internal static class RequestTokens
{
    /// <summary>The header of refresh tokens, in requests and in answers.</summary>
    public const string RefreshHeader = "X-Refresh-Token";

    /// <summary>
    /// Takes the refresh token from the body, its header or its cookie, in this order, and the access token from its header.
    /// Refuses with <see cref="ErrorCode.CrossSite"/> if the token is in the cookie and no page of a trusted origin sent the
    /// request.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="bodyToken">The refresh token of its body; null if it has none.</param>
    /// <param name="takesCookie">False to leave the cookie alone.</param>
    public static Outcome<PresentedTokens> Of(HttpRequest request, string? bodyToken, bool takesCookie = true)
    {
        var given = bodyToken ?? (request.Headers.TryGetValue(RefreshHeader, out var header) ? header.ToString() : null);
        var cookie = given is null && takesCookie ? RefreshCookie.Of(request) : null;
        if (cookie is not null && !TrustedOrigins.Sent(request))
        {
            return ErrorCode.CrossSite;
        }

        var accessToken = AuthorizationHeader.AccessTokenOf(request) is { IsEmpty: false } token ? token.ToString() : null;
        return new PresentedTokens(given ?? cookie, accessToken, ByCookie: cookie is not null);
    }
}

/// <summary>Marks a route that takes a refresh token from the body, its header or its cookie.</summary>
internal sealed record TakesRefreshToken
{
    /// <summary>The places other than the body, as the API reference shows them.</summary>
    public static IEnumerable<OpenApiParameter> Describe()
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        yield return new()
        {
            Name = RequestTokens.RefreshHeader,
            In = ParameterLocation.Header,
            Description = "The refresh token, if the body has none.",
            Schema = schema,
        };
        yield return new()
        {
            Name = RefreshCookie.Name,
            In = ParameterLocation.Cookie,
            Description =
                "The refresh token, if neither body nor header has one; only from pages of this server or of `Cors:Origins`.",
            Schema = schema,
        };
    }
}

internal static class RefreshTokenRouteExtensions
{
    /// <summary>Shows in the API reference from which places a route takes its refresh token.</summary>
    public static RouteHandlerBuilder WithRefreshToken(this RouteHandlerBuilder route) => route
        .WithMetadata(new TakesRefreshToken())
        .WithProblems(ErrorCode.CrossSite);
}
