using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace AuthServer.Bearer;

/// <summary>An error on the wire. Source: RFC 9457. API references show the descriptions.</summary>
[Description("An error. Source: RFC 9457.")]
internal sealed record Problem(
    [property: Description("A URN that ends in the code.")] string Type,
    [property: Description("The kind of problem.")] string Title,
    [property: Description("The HTTP status.")] int Status,
    [property: Description("The remedy.")] string Detail,
    [property: Description("The value that clients branch on.")] string Code,
    [property: Description("The id of the request in the logs.")] string TraceId,
    [property: Description("The reason, with `session_ended` and `external_login_failed`.")] string? Reason = null,
    [property: Description("Messages by field, with `invalid_request`.")] IReadOnlyDictionary<string, string[]>? Errors = null,
    [property: Description("`unknown` if the request may have been carried out, with `unavailable`.")] string? Outcome = null,
    [property: Description("The login to go on with, if a second factor is due.")] string? Challenge = null,
    [property: Description("Seconds for which the challenge counts.")] int? ExpiresIn = null,
    [property: Description("The account's second factors, if one is due.")] IReadOnlyList<string>? Methods = null);

/// <summary>The JSON of errors, which settings of the program don't change.</summary>
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    public static ProblemJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Text as it is, in UTF-8, except for characters that HTML would take for more than text.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });
}
