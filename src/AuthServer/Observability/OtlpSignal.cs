using OpenTelemetry.Exporter;

namespace AuthServer.Observability;

/// <summary>
/// OTLP settings of metrics, traces or logs. The exporter itself reads the variables for all signals, but reads those for one
/// signal only if all three are exported.
/// </summary>
/// <param name="configuration">Configuration that includes the environment variables.</param>
/// <param name="name"><c>METRICS</c>, <c>TRACES</c> or <c>LOGS</c>.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>True if an endpoint is configured for all signals or for this one.</summary>
    public bool HasEndpoint => Read("ENDPOINT") is not null || Own("ENDPOINT") is not null;

    /// <summary>Applies the variables for this signal.</summary>
    /// <exception cref="FormatException">The endpoint is not an address.</exception>
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
