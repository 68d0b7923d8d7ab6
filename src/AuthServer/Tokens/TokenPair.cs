using System.Text.Json.Serialization;

namespace AuthServer.Tokens;

/// <summary>The answer to a login or a refresh. Source: RFC 6749 §5.1, with the contract's names of members.</summary>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="AccessToken">A JWT for private routes; absent if it is in a header.</param>
/// <param name="ExpiresIn">Seconds that the access token lives, counted from its <c>iat</c>.</param>
/// <param name="RefreshToken">72 characters for one refresh; absent if it is in a header or a cookie.</param>
/// <param name="RefreshExpiresIn">Seconds that the session lives if it stays idle.</param>
/// <param name="SessionId">The session's id.</param>
internal sealed record TokenPair(
    string TokenType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AccessToken,
    int ExpiresIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken,
    long RefreshExpiresIn,
    Guid SessionId);
