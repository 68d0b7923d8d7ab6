using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace AuthServer.Observability;

/// <summary>Who gets to see the metrics: OpenTelemetry, by the environment variables of its specification.</summary>
internal static class TelemetrySetup
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuthMeter>();
        if (IsDisabled(builder.Configuration))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()

            // The later counts: what the environment says.
            .ConfigureResource(resource => resource.AddService("authserver").AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(AuthMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddView(ViewOf)
                .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false));
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
