using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AuthServer.Observability;

/// <summary>
/// How metrics, traces and logs get out: OpenTelemetry, by the environment variables of its specification. What nobody has asked
/// for is not set up, for the server has to start fast.
/// </summary>
internal static class TelemetryServiceCollectionExtensions
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuthMeter>();
        if (IsDisabled(builder.Configuration))
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()

            // The later counts: what the environment says.
            .ConfigureResource(resource => resource.AddService("authserver").AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(AuthMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddView(ViewOf)
                .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false));
        telemetry.AddOtlp(builder.Configuration);
    }

    /// <summary>The scrape endpoint. Its own requests are not counted.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        if (!IsDisabled(app.Configuration))
        {
            app.MapPrometheusScrapingEndpoint("/metrics")
                .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]))
                .DisableHttpMetrics();
        }
    }

    private static void AddOtlp(this OpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        if (new OtlpSignal(configuration, "METRICS") is { HasEndpoint: true } metrics)
        {
            telemetry.WithMetrics(builder => builder.AddOtlpExporter(metrics.Apply));
        }

        if (new OtlpSignal(configuration, "TRACES") is { HasEndpoint: true } traces)
        {
            telemetry.WithTracing(builder => builder
                .AddSource(Spans.SourceName)
                .AddAspNetCoreInstrumentation(requests =>
                {
                    // Probes come every few seconds and tell nothing.
                    requests.Filter = http => http.Request.Path.Value is not ("/health/live" or "/health/ready" or "/metrics");

                    // It comes with its values taken out, but a token may stand there without a name.
                    requests.EnrichWithHttpRequest = (span, _) => span.SetTag("url.query", null);
                })
                .AddOtlpExporter(traces.Apply));
        }

        if (new OtlpSignal(configuration, "LOGS") is { HasEndpoint: true } logs)
        {
            telemetry.WithLogging(builder => builder.AddOtlpExporter(logs.Apply), options => options.IncludeFormattedMessage = true);
        }
    }

    // The SDK heeds it too, by collecting nothing; then there is nothing to scrape.
    private static bool IsDisabled(IConfiguration configuration) =>
        bool.TryParse(configuration["OTEL_SDK_DISABLED"], out var disabled) && disabled;

    // An instrument that is dropped is not even enabled, and costs a request nothing.
    private static MetricStreamConfiguration? ViewOf(Instrument instrument) => instrument.Name switch
    {
        "http.server.request.duration" => new ExplicitBucketHistogramConfiguration { Boundaries = AuthMeter.Seconds },
        "http.server.active_requests" => MetricStreamConfiguration.Drop,
        "kestrel.active_connections" => new MetricStreamConfiguration { TagKeys = [] },
        var name when name.StartsWith("kestrel.", StringComparison.Ordinal) => MetricStreamConfiguration.Drop,
        _ => null,
    };
}
