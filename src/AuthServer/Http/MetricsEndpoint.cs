using System.Net;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The scrape endpoint of Prometheus.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    private static readonly string[] ForwardingHeaders =
    [
        "X-Forwarded-For", "X-Original-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via",
    ];

    public static void AddMetricsEndpoint(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<MetricsOptions>("Metrics").Validate(
            options => options.HasUsableUrl(), "Metrics:Url must be an address without a path, such as http://127.0.0.1:9464.");
        if (!builder.Configuration.IsTelemetryDisabled() && !string.IsNullOrEmpty(builder.Configuration["Metrics:Url"]))
        {
            builder.Services.AddHostedService<MetricsServer>();
        }
    }

    /// <summary>Maps the endpoint, unless it has an address of its own. Its own requests are not counted.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value;
        if (app.Configuration.IsTelemetryDisabled() || options.Url.Length > 0)
        {
            return;
        }

        app.MapPrometheusScrapingEndpoint(Path, meterProvider: null, RefuseOtherMachines, optionsName: null)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]))
            .DisableHttpMetrics();

        void RefuseOtherMachines(IApplicationBuilder scrapes) => scrapes.Use((http, next) =>
            options.AllowRemote || IsOfThisMachine(http) ? next(http) : AuthProblems.From(ErrorCode.NotFound).ExecuteAsync(http));
    }

    // A proxy on this machine has a loopback address as well. It forwards for another client if it names one, believed or not.
    private static bool IsOfThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !Array.Exists(ForwardingHeaders, http.Request.Headers.ContainsKey);
}
