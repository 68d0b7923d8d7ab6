namespace AuthServer.Core;

/// <summary>The tokens and the handles that a request brings, unread.</summary>
/// <param name="RefreshToken">The refresh token; null if there is none.</param>
/// <param name="AccessToken">The access token of <c>Authorization: Bearer</c>; null if there is none.</param>
/// <param name="ByCookie">True if the refresh token was sent as a cookie; its successor is returned as a cookie only.</param>
/// <param name="Handles">The session cookies; none if a token takes their place.</param>
public sealed record PresentedTokens(
    string? RefreshToken, string? AccessToken, bool ByCookie, IReadOnlyList<string>? Handles = null);
