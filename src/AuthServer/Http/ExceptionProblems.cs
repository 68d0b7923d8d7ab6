using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>Answers an exception with an error of the contract, without the exception's message.</summary>
internal sealed class ExceptionProblems(IEventCounter events, LineLimit lines, ILogger<ExceptionProblems> log)
    : IExceptionHandler
{
    private const string Unavailable = "unavailable";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        await AnswerTo(exception, httpContext).ExecuteAsync(httpContext);
        return true;
    }

    private ProblemResult AnswerTo(Exception exception, HttpContext http) =>
        exception is BadHttpRequestException { InnerException: not JsonException, StatusCode: not 400 } bad
            ? AuthProblems.OfStatus(bad.StatusCode)
            : AuthProblems.From(RefusalOf(exception, http));

    private Refusal RefusalOf(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            // A syntax error has an exception of the reader inside, at any path; a broken rule has the path of its member.
            case BadHttpRequestException { InnerException: JsonException json }:
                return json.Path is null or "$" || json.InnerException is JsonException
                    ? Refusal.OfField("body", "Must be one JSON object, complete and with nothing after it.")
                    : RefusalOfMember(json.Path, http);
            case BadHttpRequestException:
                return Refusal.OfField("body", "Must be one JSON object.");
            case UnavailableException unavailable:
                Log(unavailable, http.ClientInfo().IpAddress);
                return new Refusal(ErrorCode.Unavailable, IsOutcomeUnknown: unavailable.IsOutcomeUnknown);
            default:
                events.Count(new SecurityEvent(EventKind.RequestFailed, http.ClientInfo()) { Exception = exception });
                return new Refusal(ErrorCode.InternalError);
        }
    }

    // A flood of requests that find no place in a queue is no flood of lines.
    private void Log(UnavailableException unavailable, string? address)
    {
        if (!lines.TryAdmit(log, Unavailable, address))
        {
            return;
        }

        if (unavailable.InnerException is null)
        {
            log.Overloaded(unavailable.Message);
        }
        else
        {
            log.Unavailable(unavailable);
        }
    }

    // The names of unknown members are the caller's words, so they are not repeated.
    private static Refusal RefusalOfMember(string path, HttpContext http)
    {
        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
        return BodyOf(http) is { } body && body.Properties.Any(member => member.Name == field)
            ? Refusal.OfField(field, "Is given twice, or of the wrong type.")
            : Refusal.OfField("body", "Has a member that is unknown here, or of the wrong type.");
    }

    private static JsonTypeInfo? BodyOf(HttpContext http) =>
        http.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type
            ? http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(type)
            : null;
}
