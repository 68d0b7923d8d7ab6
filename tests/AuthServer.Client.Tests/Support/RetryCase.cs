using System.Text.Json;
using System.Text.Json.Serialization;

namespace AuthServer.Client.Tests.Support;

/// <summary>A case of <c>retry-cases.json</c>, which says what each member means. Times are seconds.</summary>
public sealed record RetryCase(
    string Name,
    IReadOnlyList<ScriptedAnswer> Answers,
    IReadOnlyList<ScriptedCall> Calls,
    IReadOnlyList<double> Attempts,
    string Request = "refresh",
    IReadOnlyList<ScriptedEvent>? Events = null,
    IReadOnlyList<string>? Presents = null,
    ScriptedEnd? SessionEnds = null)
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    public static IReadOnlyList<RetryCase> ReadAll()
    {
        using var table = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Built.TestProject, "retry-cases.json")));
        return table.RootElement.GetProperty("cases").Deserialize<RetryCase[]>(Strict)!;
    }

    public override string ToString() => Name;
}

public sealed record ScriptedAnswer(
    double After = 0,
    bool Lost = false,
    bool Silent = false,
    bool Deaf = false,
    bool Page = false,
    int Status = 0,
    string? Code = null,
    string? Reason = null,
    string? Outcome = null,
    IReadOnlyDictionary<string, string>? Headers = null);

public sealed record ScriptedCall(double At, double Ends, string With, double? Until = null);

public sealed record ScriptedEvent(double At, string Do);

public sealed record ScriptedEnd(string Code, string? Reason = null);
