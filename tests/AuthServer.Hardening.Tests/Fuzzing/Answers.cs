using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Checks answers against the contract of errors.</summary>
internal static class Answers
{
    private static readonly HashSet<string> Codes =
        [.. Enum.GetNames<ErrorCode>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    // Kestrel answers these by itself and without a body, and closes the connection, because the bytes are no request.
    private static readonly int[] WithoutRequest = [400, 405, 408, 411, 413, 414, 431, 505];

    /// <summary>True if Kestrel has answered in place of the server.</summary>
    public static bool IsOfKestrel(int status, string? contentType, bool isLast) =>
        isLast && contentType is null && WithoutRequest.Contains(status);

    /// <summary>The violation of the contract; null if there is none.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="contentType">The value of its header <c>Content-Type</c>; null if there is none.</param>
    /// <param name="body">The body; null if a <c>HEAD</c> asked for none.</param>
    public static string? ViolationOf(int status, string? contentType, string? body)
    {
        if (status < 400)
        {
            return null;
        }

        if (status >= 500 && status != 503)
        {
            return "is a server error";
        }

        if (contentType != "application/problem+json")
        {
            return $"is {contentType ?? "nothing"} in place of application/problem+json";
        }

        return body is null ? null : ViolationOf(status, body);
    }

    private static string? ViolationOf(int status, string body)
    {
        try
        {
            var problem = JsonDocument.Parse(body).RootElement;
            var code = problem.GetProperty("code").GetString()!;
            return !Codes.Contains(code) ? $"has the unknown code {code}"
                : problem.GetProperty("status").GetInt32() != status ? "has another status in its body"
                : problem.GetProperty("traceId").GetString() is not { Length: > 0 } ? "has no traceId"
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"has a body that is no problem: {body}";
        }
    }
}
