using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using AuthServer.Core;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>An error on the wire. Source: RFC 9457.</summary>
/// <param name="Type">A URN that ends in the code.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What to do about it.</param>
/// <param name="Code">What clients branch on.</param>
/// <param name="TraceId">What finds the request in the logs.</param>
/// <param name="Reason">Why the session had ended, with <c>session_ended</c>.</param>
/// <param name="Errors">Messages by field, with <c>invalid_request</c>.</param>
internal sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EndReason? Reason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>Writes an error: the only place that does.</summary>
internal sealed class ProblemResult(Refusal refusal, ProblemDescription description) : IResult
{
    public const string ContentType = "application/problem+json";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = description.Status;
        if (description.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        if (description.RetryAfter is { } seconds && !response.Headers.ContainsKey(HeaderNames.RetryAfter))
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var code = AuthProblems.Name(refusal.Code);
        var problem = new Problem(
            "urn:authserver:error:" + code,
            description.Title,
            description.Status,
            description.Detail,
            code,
            Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier,
            refusal.Reason,
            refusal.Errors ?? (refusal.Code == ErrorCode.InvalidRequest ? new Dictionary<string, string[]>() : null));
        return response.WriteAsJsonAsync(problem, options: null, ContentType, httpContext.RequestAborted);
    }
}
