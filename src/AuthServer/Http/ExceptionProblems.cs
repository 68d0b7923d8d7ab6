using System.Text.Json;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.AspNetCore.Diagnostics;

namespace AuthServer.Http;

/// <summary>Answers an exception with an error of the contract, without the exception's message.</summary>
internal sealed class ExceptionProblems(ILogger<ExceptionProblems> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        await AuthProblems.From(RefusalOf(exception)).ExecuteAsync(httpContext);
        return true;
    }

    private Refusal RefusalOf(Exception exception)
    {
        switch (exception)
        {
            // A syntax error has an exception of the reader inside, at any path; a broken rule has the path of its member.
            case BadHttpRequestException { InnerException: JsonException json }:
                return json.Path is null or "$" || json.InnerException is JsonException
                    ? Refusal.OfField("body", "Must be one JSON object, complete and with nothing after it.")
                    : Refusal.OfField(FieldOf(json.Path), "Is unknown here, given twice, or of the wrong type.");
            case BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest }:
                return Refusal.OfField("body", "Must be one JSON object.");
            case BadHttpRequestException bad:
                return new Refusal(AuthProblems.CodeOf(bad.StatusCode));
            case UnavailableException unavailable:
                if (unavailable.InnerException is null)
                {
                    log.Overloaded(unavailable.Message);
                }
                else
                {
                    log.Unavailable(unavailable);
                }

                return new Refusal(ErrorCode.Unavailable, IsOutcomeUnknown: unavailable.IsOutcomeUnknown);
            default:
                log.RequestFailed(exception);
                return new Refusal(ErrorCode.InternalError);
        }
    }

    private static string FieldOf(string path) => path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
}
