using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Bearer;

/// <summary>The errors of private routes: 401 and 403. Source: RFC 6750 §3, RFC 9457.</summary>
internal static class BearerProblems
{
    /// <summary>The challenge if no token was presented.</summary>
    public const string Challenge = "Bearer";

    /// <summary>The challenge if the token was refused.</summary>
    public const string InvalidToken = "Bearer error=\"invalid_token\"";

    /// <summary>The answer for a refusal with one of these errors.</summary>
    public static ProblemResult From(Refusal refusal) => new(refusal, Describe(refusal.Code)!);

    /// <summary>A code on the wire.</summary>
    public static string Name(ErrorCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    /// <summary>Status, title, detail and challenge of a code; null for a code that is not about access tokens.</summary>
    public static ProblemDescription? Describe(ErrorCode code) => code switch
    {
        ErrorCode.AccessTokenMissing => new(
            401, "Access token missing", "Send the access token as Authorization: Bearer.", Challenge),
        ErrorCode.AccessTokenExpired => new(
            401, "Access token expired", "Refresh and try again.", InvalidToken + ", error_description=\"expired\""),
        ErrorCode.AccessTokenInvalid => new(
            401, "Access token invalid", "The access token is not one of this server.", InvalidToken),
        ErrorCode.SessionEnded => new(
            401, "Session ended", "The session has ended; reason says why. Log in again.", InvalidToken),
        ErrorCode.Forbidden => new(403, "Forbidden", "The account may not do this."),
        ErrorCode.ReauthenticationRequired => new(
            403, "Reauthentication required", "Prove again who you are, and send the request with the new access token."),
        _ => null,
    };
}
