namespace AuthServer.Core;

/// <summary>The tokens and the handle that a request brings, unread.</summary>
/// <param name="RefreshToken">The refresh token; null if there is none.</param>
/// <param name="AccessToken">The access token of <c>Authorization: Bearer</c>; null if there is none.</param>
/// <param name="ByCookie">True if the refresh token was sent as a cookie; its successor is returned as a cookie only.</param>
/// <param name="Handle">The session cookie; null if there is none, or if a token takes its place.</param>
public sealed record PresentedTokens(string? RefreshToken, string? AccessToken, bool ByCookie, string? Handle = null);
