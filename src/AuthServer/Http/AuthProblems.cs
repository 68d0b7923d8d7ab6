using AuthServer.Bearer;
using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>Every error of the contract, as clients see it. Source: RFC 9457, RFC 6750 §3.</summary>
internal static class AuthProblems
{
    /// <summary>The look of <see cref="ErrorCode.Unavailable"/> if the request may have been carried out.</summary>
    public static readonly ProblemDescription OutcomeUnknown = Describe(ErrorCode.Unavailable) with
    {
        Detail = "The request may have been carried out, because the database's answer was lost. A refresh, a logout, GET and "
            + "DELETE may be sent again when Retry-After says.",
    };

    /// <summary>
    /// The look of <see cref="ErrorCode.InvalidRequest"/> if the body is too slow, for which there is no code of its own.
    /// </summary>
    public static readonly ProblemDescription RequestTimeout = Describe(ErrorCode.InvalidRequest) with
    {
        Status = StatusCodes.Status408RequestTimeout,
        Title = "Request timeout",
        Detail = "The body of the request came too slowly. Nothing was changed.",
    };

    /// <summary>The answer for a code.</summary>
    public static ProblemResult From(ErrorCode code) => From(new Refusal(code));

    /// <summary>The answer for a refusal.</summary>
    public static ProblemResult From(Refusal refusal)
    {
        var description = refusal.IsOutcomeUnknown ? OutcomeUnknown : Describe(refusal.Code);
        return new ProblemResult(
            refusal, refusal.Wait is { } wait ? description with { RetryAfter = SecondsOf(wait) } : description);
    }

    /// <summary>A code on the wire.</summary>
    public static string Name(ErrorCode code) => BearerProblems.Name(code);

    /// <summary>The answer with a status that the framework set.</summary>
    public static ProblemResult OfStatus(int status) => status is StatusCodes.Status408RequestTimeout
        ? new(new Refusal(ErrorCode.InvalidRequest), RequestTimeout)
        : From(CodeOf(status));

    private static ErrorCode CodeOf(int status) => status switch
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
        ErrorCode.InvalidRequest => new(
            400, "Invalid request", "The request is malformed or a field breaks its rule; see errors."),
        ErrorCode.TokenMismatch => new(
            400,
            "Token mismatch",
            "The access token is not ours, or not of the session of the refresh token. Nothing was changed."),
        ErrorCode.InvalidCredentials => new(
            401, "Invalid credentials", "User name or password is wrong.", BearerProblems.Challenge),
        ErrorCode.SessionInvalid => new(
            401,
            "Session invalid",
            "The session cookie is not one of this server, or is from before a change of credentials. Log in again.",
            BearerProblems.InvalidToken),
        ErrorCode.RefreshTokenMissing => new(
            401,
            "Refresh token missing",
            "Send the refresh token in the body as refreshToken, in the header X-Refresh-Token or in its cookie.",
            BearerProblems.Challenge),
        ErrorCode.RefreshTokenInvalid => new(
            401,
            "Refresh token invalid",
            "The refresh token is not one of this server. Log in again.",
            BearerProblems.InvalidToken),
        ErrorCode.RefreshTokenExpired => new(
            401, "Refresh token expired", "The session is over by age. Log in again.", BearerProblems.InvalidToken),
        ErrorCode.RefreshTokenReused => new(
            401,
            "Refresh token reused",
            "An old refresh token came back, so its session was ended. Log in again.",
            BearerProblems.InvalidToken),
        ErrorCode.CrossSite => new(
            403,
            "Cross-site",
            "With cookies, the Origin has to be this server's own or one of Cors:Origins. Nothing was changed."),
        ErrorCode.EmailUnverified => new(
            403,
            "Email address not verified",
            "The account needs a verified address. The link is mailed again, up to three times an hour."),
        ErrorCode.SecondFactorRequired => new(
            401,
            "Second factor required",
            "The login is right so far. Go on with the challenge and one of the methods.",
            BearerProblems.Challenge),
        ErrorCode.SecondFactorInvalid => new(
            401,
            "Second factor invalid",
            "The code is wrong or was used, or the login was begun more than five minutes ago.",
            BearerProblems.Challenge),
        ErrorCode.SecondFactorSetupRequired => new(
            403,
            "Second factor to set up",
            "A role of the account needs a second factor. Set one up with the challenge, and log in again."),
        ErrorCode.RegistrationClosed => new(403, "Registration closed", "Registration is switched off on this server."),
        ErrorCode.LinkInvalid => new(
            400, "Link invalid", "The link is not from this server, was used, has expired, or became void. Ask for a new one."),
        ErrorCode.ExternalLoginFailed => new(
            400, "External login failed", "The login by another provider failed; reason says why. Nothing was changed."),
        ErrorCode.NotFound => new(404, "Not found", "There is nothing here."),
        ErrorCode.UsernameTaken => new(409, "User name taken", "Another account has this user name."),
        ErrorCode.EmailTaken => new(409, "Email address taken", "Another account has verified this address."),
        ErrorCode.LastCredential => new(
            409, "Last credential", "Nothing else would be left to log in with. Add another way to log in first."),
        ErrorCode.LastAdmin => new(
            409, "Last administrator", "The server would have no administrator left. Make another user one first."),
        ErrorCode.TooManySessions => new(
            409, "Too many sessions", "The account is on as many devices as it may be. Log out on one of them."),
        ErrorCode.MethodNotAllowed => new(405, "Method not allowed", "The Allow header lists the methods of this address."),
        ErrorCode.BodyTooLarge => new(413, "Body too large", "A body may have 16 KiB."),
        ErrorCode.UnsupportedMediaType => new(
            415, "Unsupported media type", "Send the body as the media type that the route takes."),
        ErrorCode.TooManyRequests => new(429, "Too many requests", "Wait as long as Retry-After says."),
        ErrorCode.Unavailable => new(503, "Unavailable", "Nothing was changed. Try again when Retry-After says.", RetryAfter: 1),
        _ => BearerProblems.Describe(code) ?? new(
            500,
            "Internal error",
            "The server failed. Nothing is wrong with the request; traceId helps to find the cause."),
    };

    // Whole seconds, rounded up; at least 1.
    private static int SecondsOf(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
}
