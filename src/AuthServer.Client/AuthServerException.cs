using System.Net;

namespace AuthServer.Client;

/// <summary>
/// The server has answered, and not with what was asked for. It is an <see cref="HttpRequestException"/>, so that whoever handles
/// or retries those does the same here; one that is no <see cref="AuthServerException"/> got no answer at all. It holds no token.
/// </summary>
public sealed class AuthServerException : HttpRequestException
{
    private static readonly Dictionary<string, IReadOnlyList<string>> NoErrors = [];

    internal AuthServerException(HttpStatusCode status, ProblemBody? problem, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(Describe(status, problem), inner, status)
    {
        Status = status;
        Code = problem?.Code ?? AuthServerErrorCodes.UnexpectedAnswer;
        Reason = problem?.Reason;
        Errors = problem?.Errors?.ToDictionary(field => field.Key, IReadOnlyList<string> (field) => field.Value) ?? NoErrors;
        TraceId = problem?.TraceId;
        RetryAfter = retryAfter;
    }

    /// <summary>What to branch on: one of <see cref="AuthServerErrorCodes"/>, or a newer one.</summary>
    public string Code { get; }

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Why the session has ended, with <c>session_ended</c>: <c>logout</c>, <c>revoked</c> and the like; else null.</summary>
    public string? Reason { get; }

    /// <summary>Messages by field, with <c>invalid_request</c>; else empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }

    /// <summary>How long the server asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>What finds the request in the server's logs; null where the answer was not the server's.</summary>
    public string? TraceId { get; }

    /// <summary>Whether a session is over by this answer to its refresh token. Nothing else ends one.</summary>
    internal bool EndsSession => Status == HttpStatusCode.Unauthorized && Code is
        AuthServerErrorCodes.SessionEnded
        or AuthServerErrorCodes.RefreshTokenMissing
        or AuthServerErrorCodes.RefreshTokenInvalid
        or AuthServerErrorCodes.RefreshTokenExpired
        or AuthServerErrorCodes.RefreshTokenReused;

    private static string Describe(HttpStatusCode status, ProblemBody? problem) => problem is null
        ? $"The answer, a {(int)status}, is not the auth server's."
        : $"The auth server refused with {(int)status} {problem.Code}: {problem.Detail}";
}
