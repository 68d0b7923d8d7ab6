using System.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>The tokens that a request brings, unread.</summary>
/// <param name="RefreshToken">The refresh token; null where there is none.</param>
/// <param name="AccessToken">The access token of <c>Authorization: Bearer</c>; null where there is none.</param>
internal sealed record PresentedTokens(string? RefreshToken, string? AccessToken)
{
    /// <summary>Takes the refresh token from the body and the access token from its header. Source: RFC 6750 §2.1.</summary>
    public static PresentedTokens Of(HttpRequest request, string? bodyToken) => new(bodyToken, BearerOf(request));

    private static string? BearerOf(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header)
        && header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? header.Parameter
            : null;
}
