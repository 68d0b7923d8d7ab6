using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AuthServer.Observability;

/// <summary>
/// Exports metrics, traces and logs by OpenTelemetry, configured by the environment variables of its specification. Signals
/// without an endpoint are not set up, so that the server starts fast.
/// </summary>
internal static class TelemetryServiceCollectionExtensions
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuthMeter>();
        builder.Services.AddSingleton<LineLimit>();
        builder.Services.AddSingleton<SecurityEventLog>();
        builder.Services.AddSingleton<DistributedContextPropagator, PublicEndpointPropagator>();
        if (builder.Configuration.IsTelemetryDisabled())
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()

            // The last one has precedence: the environment.
            .ConfigureResource(resource => resource.AddService("authserver").AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(AuthMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddView(ViewOf)
                .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false));
        telemetry.AddOtlp(builder.Configuration);
    }

    /// <summary>True if nothing is collected, so there is nothing to scrape. The SDK obeys the variable too.</summary>
    public static bool IsTelemetryDisabled(this IConfiguration configuration) =>
        bool.TryParse(configuration["OTEL_SDK_DISABLED"], out var disabled) && disabled;

    private static void AddOtlp(this OpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        if (new OtlpSignal(configuration, "METRICS") is { HasEndpoint: true } metrics)
        {
            telemetry.WithMetrics(builder => builder.AddOtlpExporter(metrics.Apply));
        }

        if (new OtlpSignal(configuration, "TRACES") is { HasEndpoint: true } traces)
        {
            // With its default of two propagators, the instrumentation would read the client's trace and baggage by itself.
            Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
            telemetry.WithTracing(builder => builder
                .AddSource(Spans.SourceName)
                .AddAspNetCoreInstrumentation(requests =>
                {
                    // Probes arrive every few seconds and would hide other requests.
                    requests.Filter = http => http.Request.Path.Value is not ("/health/live" or "/health/ready" or "/metrics");

                    requests.EnrichWithHttpRequest = Enrich;
                })
                .AddOtlpExporter(traces.Apply));
        }

        if (new OtlpSignal(configuration, "LOGS") is { HasEndpoint: true } logs)
        {
            telemetry.WithLogging(
                builder => builder.AddOtlpExporter(logs.Apply), options => options.IncludeFormattedMessage = true);
        }
    }

    private static void Enrich(Activity span, HttpRequest request)
    {
        // The instrumentation redacts values, but a token may be in the query without a name.
        span.SetTag("url.query", null);

        // The trace of the client is found from here, and not continued.
        if (ActivityContext.TryParse(request.Headers.TraceParent, traceState: null, isRemote: true, out var client))
        {
            span.AddLink(new ActivityLink(client));
        }
    }

    // A dropped instrument is not enabled, and so costs a request nothing.
    private static MetricStreamConfiguration? ViewOf(Instrument instrument) => instrument.Name switch
    {
        "http.server.request.duration" => new ExplicitBucketHistogramConfiguration { Boundaries = AuthMeter.Seconds },
        "http.server.active_requests" => MetricStreamConfiguration.Drop,
        "kestrel.active_connections" or "kestrel.rejected_connections" => new MetricStreamConfiguration { TagKeys = [] },
        var name when name.StartsWith("kestrel.", StringComparison.Ordinal) => MetricStreamConfiguration.Drop,
        _ => null,
    };
}
