using System.Net;

namespace AuthServer.Client;

/// <summary>
/// The server has answered with an error. It is an <see cref="HttpRequestException"/>, so that code which handles or retries
/// those does the same here. An <see cref="HttpRequestException"/> of another type means that there was no answer. It holds no
/// token.
/// </summary>
public sealed class AuthServerException : HttpRequestException
{
    private static readonly Dictionary<string, IReadOnlyList<string>> NoErrors = [];

    internal AuthServerException(HttpStatusCode status, ProblemBody? problem, TimeSpan? retryAfter = null)
        : base(Describe(status, problem), inner: null, status)
    {
        Status = status;
        Code = problem?.Code ?? AuthServerErrorCodes.UnexpectedAnswer;
        Reason = problem?.Reason;
        Outcome = problem?.Outcome;
        Errors = problem?.Errors?.ToDictionary(field => field.Key, IReadOnlyList<string> (field) => field.Value) ?? NoErrors;
        TraceId = problem?.TraceId;
        Methods = problem?.Methods ?? [];
        Step = (Code, problem?.Challenge) switch
        {
            (AuthServerErrorCodes.SecondFactorRequired, not null) => new SecondFactorNeeded(problem!),
            (AuthServerErrorCodes.SecondFactorSetupRequired, not null) => new SecondFactorSetupNeeded(problem!),
            _ => null,
        };
        RetryAfter = retryAfter;
    }

    /// <summary>The error to branch on: one of <see cref="AuthServerErrorCodes"/>, or a newer one.</summary>
    public string Code { get; }

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Reason of the end with <c>session_ended</c>: <c>logout</c>, <c>revoked</c> and the like; else null.</summary>
    public string? Reason { get; }

    /// <summary>
    /// With <c>unavailable</c>: <c>unknown</c> if the request may have taken effect and only its answer was lost; else null. GET
    /// and DELETE may be sent again. If the first registration counted, a second one gets <c>username_taken</c>; if the first
    /// change of a password counted, a second one gets <c>invalid_credentials</c>.
    /// </summary>
    public string? Outcome { get; }

    /// <summary>Messages by field, with <c>invalid_request</c>; else empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }

    /// <summary>
    /// The second factors of the account, with <c>second_factor_required</c>: <c>totp</c>, <c>passkey</c>, <c>recovery_code</c>,
    /// or newer ones; else empty.
    /// </summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>
    /// Time from the answer until the request may be sent again, as <c>Retry-After</c> gives it in seconds or as a date. Not
    /// negative; null if the answer has no such header.
    /// </summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Identifies the request in the server's log; null if the answer was not the server's.</summary>
    public string? TraceId { get; }

    /// <summary>The step of a login that is right so far; null for any other answer.</summary>
    internal LoginStep? Step { get; }

    /// <summary>True if this answer to a refresh ends the session. Nothing else ends one.</summary>
    internal bool EndsSession => Status == HttpStatusCode.Unauthorized && Code is
        AuthServerErrorCodes.SessionEnded
        or AuthServerErrorCodes.RefreshTokenMissing
        or AuthServerErrorCodes.RefreshTokenInvalid
        or AuthServerErrorCodes.RefreshTokenExpired
        or AuthServerErrorCodes.RefreshTokenReused;

    private static string Describe(HttpStatusCode status, ProblemBody? problem) => problem is null
        ? $"The answer with status {(int)status} is not the auth server's."
        : $"The auth server refused with {(int)status} {problem.Code}: {problem.Detail}";
}
