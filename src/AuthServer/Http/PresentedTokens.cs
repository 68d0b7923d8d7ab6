namespace AuthServer.Http;

/// <summary>The tokens that a request brings, unread.</summary>
/// <param name="RefreshToken">The refresh token; null where there is none.</param>
/// <param name="AccessToken">The access token of <c>Authorization: Bearer</c>; null where there is none.</param>
internal sealed record PresentedTokens(string? RefreshToken, string? AccessToken)
{
    private const string BearerScheme = "Bearer ";

    /// <summary>Takes the refresh token from the body and the access token from its header. Source: RFC 6750 §2.1.</summary>
    public static PresentedTokens Of(HttpRequest request, string? bodyToken) => new(bodyToken, BearerOf(request));

    // Whatever follows the scheme counts as a token, as it does on private routes: a token that is none must not pass for absent.
    private static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var authorization
        && authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
        && authorization[BearerScheme.Length..].Trim() is { Length: > 0 } token
            ? token
            : null;
}
