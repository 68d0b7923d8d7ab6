using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>Every error of the contract, once: what it looks like to a client. Source: RFC 9457, RFC 6750 §3.</summary>
internal static class AuthProblems
{
    private const string Bearer = "Bearer";
    private const string InvalidToken = "Bearer error=\"invalid_token\"";

    /// <summary>The answer for a code.</summary>
    public static ProblemResult From(ErrorCode code) => From(new Refusal(code));

    /// <summary>The answer for a refusal.</summary>
    public static ProblemResult From(Refusal refusal) => new(refusal, Describe(refusal.Code));

    /// <summary>A code on the wire.</summary>
    public static string Name(ErrorCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    /// <summary>The code for a status that the framework gave by itself.</summary>
    public static ErrorCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => ErrorCode.AccessTokenMissing,
        StatusCodes.Status403Forbidden => ErrorCode.Forbidden,
        StatusCodes.Status404NotFound => ErrorCode.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorCode.MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => ErrorCode.BodyTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ErrorCode.UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => ErrorCode.TooManyRequests,
        StatusCodes.Status503ServiceUnavailable => ErrorCode.Unavailable,
        >= 500 => ErrorCode.InternalError,
        _ => ErrorCode.InvalidRequest,
    };

    /// <summary>Status, title, detail and challenge of a code.</summary>
    public static ProblemDescription Describe(ErrorCode code) => code switch
    {
        ErrorCode.InvalidRequest => new(400, "Invalid request", "The request is malformed or a field breaks its rule; see errors."),
        ErrorCode.TokenMismatch => new(400, "Token mismatch", "The access token is not ours, or not of the session of the refresh token. Nothing was changed."),
        ErrorCode.InvalidCredentials => new(401, "Invalid credentials", "User name or password is wrong.", Bearer),
        ErrorCode.AccessTokenMissing => new(401, "Access token missing", "Send the access token as Authorization: Bearer.", Bearer),
        ErrorCode.AccessTokenExpired => new(401, "Access token expired", "Refresh and try again.", InvalidToken + ", error_description=\"expired\""),
        ErrorCode.AccessTokenInvalid => new(401, "Access token invalid", "The access token is not one of this server.", InvalidToken),
        ErrorCode.SessionEnded => new(401, "Session ended", "The session has ended; reason says why. Log in again.", InvalidToken),
        ErrorCode.RefreshTokenMissing => new(401, "Refresh token missing", "Send the refresh token in the body as refreshToken, in the header X-Refresh-Token or in its cookie.", Bearer),
        ErrorCode.RefreshTokenInvalid => new(401, "Refresh token invalid", "The refresh token is not one of this server. Log in again.", InvalidToken),
        ErrorCode.RefreshTokenExpired => new(401, "Refresh token expired", "The session is over by age. Log in again.", InvalidToken),
        ErrorCode.RefreshTokenReused => new(401, "Refresh token reused", "An old refresh token came back, so its session was ended. Log in again.", InvalidToken),
        ErrorCode.Forbidden => new(403, "Forbidden", "The account may not do this."),
        ErrorCode.CrossSite => new(403, "Cross-site", "With cookies, the Origin has to be this server's own or one of Cors:Origins. Nothing was changed."),
        ErrorCode.RegistrationClosed => new(403, "Registration closed", "New accounts are not open to everybody here."),
        ErrorCode.NotFound => new(404, "Not found", "There is nothing here."),
        ErrorCode.UsernameTaken => new(409, "User name taken", "Another account has this user name."),
        ErrorCode.TooManySessions => new(409, "Too many sessions", "The account is on as many devices as it may be. Log out on one of them."),
        ErrorCode.MethodNotAllowed => new(405, "Method not allowed", "The Allow header lists the methods of this address."),
        ErrorCode.BodyTooLarge => new(413, "Body too large", "A body may have 16 KiB."),
        ErrorCode.UnsupportedMediaType => new(415, "Unsupported media type", "Send the body as application/json."),
        ErrorCode.TooManyRequests => new(429, "Too many requests", "Wait as long as Retry-After says."),
        ErrorCode.Unavailable => new(503, "Unavailable", "Nothing was changed. Try again when Retry-After says.", RetryAfter: 1),
        _ => new(500, "Internal error", "The server failed. Nothing is wrong with the request; traceId helps to find the cause."),
    };
}

/// <summary>What a code looks like.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">What to do about it.</param>
/// <param name="Challenge">The header <c>WWW-Authenticate</c>; null for none.</param>
/// <param name="RetryAfter">The header <c>Retry-After</c>, in seconds; null for none.</param>
internal sealed record ProblemDescription(
    int Status, string Title, string Detail, string? Challenge = null, int? RetryAfter = null);
