namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A server with a level that operators set to see more of the framework, and with spans.</summary>
public sealed class VerboseServer : RunningServer
{
    protected override IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["Logging__LogLevel__Microsoft"] = "Information",
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:1/",
    };
}
