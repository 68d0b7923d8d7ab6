using System.Text.Json.Serialization;

namespace AuthServer.Tokens;

/// <summary>The answer to a login or a refresh. Source: RFC 6749 §5.1, with the contract's names of members.</summary>
/// <param name="TokenType">Always <c>Bearer</c>; absent without tokens.</param>
/// <param name="AccessToken">A JWT for private routes; absent if it is in a header, and without tokens.</param>
/// <param name="ExpiresIn">Seconds that the access token lives, counted from its <c>iat</c>; absent without tokens.</param>
/// <param name="RefreshToken">72 characters for one refresh; absent if it is in a header or a cookie, and without tokens.</param>
/// <param name="RefreshExpiresIn">Seconds that the session lives if it stays idle.</param>
/// <param name="SessionId">The session's id.</param>
internal sealed record TokenPair(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TokenType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AccessToken,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ExpiresIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken,
    long RefreshExpiresIn,
    Guid SessionId)
{
    /// <summary>The handle for the session cookie; null if the session has tokens.</summary>
    [JsonIgnore]
    public SessionHandleValue? Handle { get; init; }
}

/// <summary>A session handle for its cookie.</summary>
/// <param name="Text">72 characters.</param>
/// <param name="Lifetime">Time until the session ends, however often it is used.</param>
internal sealed record SessionHandleValue(string Text, TimeSpan Lifetime);
