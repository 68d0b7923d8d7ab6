using System.Net;
using System.Text.Json;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>An answer of the server.</summary>
/// <param name="Status">The status.</param>
/// <param name="Text">The body.</param>
internal sealed record Reply(HttpStatusCode Status, string Text)
{
    /// <summary>True if the client has to try again.</summary>
    public bool IsUnavailable => Status == HttpStatusCode.ServiceUnavailable;

    /// <summary>True if the request may have been carried out.</summary>
    public bool IsOutcomeUnknown => IsUnavailable && Member("outcome") == "unknown";

    /// <summary>The code of an error; null for a success.</summary>
    public string? Code => Member("code");

    /// <summary>The reason of a session's end; null if there is none.</summary>
    public string? Reason => Member("reason");

    private string? Member(string name) =>
        Text.StartsWith('{') && JsonDocument.Parse(Text).RootElement.TryGetProperty(name, out var value)
            ? value.GetString()
            : null;
}
