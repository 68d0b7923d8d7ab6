using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AuthServer.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Bearer;

/// <summary>The look of an error.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">The remedy.</param>
/// <param name="Challenge">The header <c>WWW-Authenticate</c>; null for none.</param>
/// <param name="RetryAfter">The header <c>Retry-After</c>, in seconds; null for none.</param>
internal sealed record ProblemDescription(
    int Status, string Title, string Detail, string? Challenge = null, int? RetryAfter = null);

/// <summary>Writes an error: the only place that does.</summary>
internal sealed class ProblemResult(Refusal refusal, ProblemDescription description) : IResult
{
    public const string ContentType = "application/problem+json";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.RequestServices?.GetService<IRefusalListener>()?.OnRefused(httpContext, refusal);
        var response = httpContext.Response;
        response.StatusCode = description.Status;
        response.Headers.CacheControl = "no-store";
        if (description.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        if (description.RetryAfter is { } seconds && !response.Headers.ContainsKey(HeaderNames.RetryAfter))
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var code = BearerProblems.Name(refusal.Code);
        var problem = new Problem(
            "urn:authserver:error:" + code,
            description.Title,
            description.Status,
            description.Detail,
            code,
            Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier,
            ReasonOf(refusal),
            refusal.Errors ?? (refusal.Code == ErrorCode.InvalidRequest ? new Dictionary<string, string[]>() : null),
            refusal.IsOutcomeUnknown ? "unknown" : null,
            refusal.Offer?.Challenge,
            refusal.Offer?.Challenge is null ? null : (int)SecondFactorChallenge.Lifetime.TotalSeconds,
            refusal.Offer?.MethodNames);
        return response.WriteAsJsonAsync(problem, ProblemJson.Web.Problem, ContentType, httpContext.RequestAborted);
    }

    private static string? ReasonOf(Refusal refusal) =>
        (refusal.Reason?.ToString() ?? refusal.Failure?.ToString()) is { } name
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name)
            : null;
}
