using OpenTelemetry.Exporter;

namespace AuthServer.Observability;

/// <summary>
/// Metrics, traces or logs as something to send. The exporter itself reads the variables that are for all of them, but those for
/// one only where all are sent.
/// </summary>
/// <param name="configuration">Has the environment.</param>
/// <param name="name"><c>METRICS</c>, <c>TRACES</c> or <c>LOGS</c>.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>Whether it was said where to send this.</summary>
    public bool HasEndpoint => Read("ENDPOINT") is not null || Own("ENDPOINT") is not null;

    /// <summary>Applies the variables of this signal alone.</summary>
    /// <exception cref="FormatException">The endpoint is no address.</exception>
    public void Apply(OtlpExporterOptions options)
    {
        if (Own("PROTOCOL") is { } protocol)
        {
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        if (Own("ENDPOINT") is { } endpoint)
        {
            options.Endpoint = new Uri(endpoint);
        }

        options.Headers = Own("HEADERS") ?? options.Headers;
    }

    private string? Own(string setting) => Read($"{name}_{setting}");

    private string? Read(string setting) => configuration[Prefix + setting] is { Length: > 0 } value ? value : null;
}
