using System.Net.Sockets;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace AuthServer.Http;

/// <summary>
/// Serves <c>/metrics</c>, and nothing else, on an address of its own. So a firewall can let Prometheus in and nothing else, and
/// a scrape needs none of the connections of the server.
/// </summary>
internal sealed class MetricsServer : IHostedService, IHttpApplication<HttpContext>, IDisposable
{
    // More scrapers than there are.
    private const int MaxConnections = 64;

    private readonly IServiceProvider services;
    private readonly MetricsOptions options;
    private readonly ILogger<MetricsServer> log;
    private readonly KestrelServer kestrel;
    private readonly RequestDelegate scrape;

    public MetricsServer(
        IServiceProvider services,
        IOptions<MetricsOptions> options,
        MeterProvider metrics,
        IOptions<KestrelServerOptions> main,
        ConnectionLimit limit,
        ConnectionClosing closing,
        ILoggerFactory loggers)
    {
        (this.services, this.options, log) = (services, options.Value, loggers.CreateLogger<MetricsServer>());
        var settings = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        settings.Limits.MaxConcurrentConnections = MaxConnections;
        settings.Limits.RequestHeadersTimeout = main.Value.Limits.RequestHeadersTimeout;
        settings.Limits.KeepAliveTimeout = main.Value.Limits.KeepAliveTimeout;
        settings.ConfigureEndpointDefaults(endpoint => endpoint
            .Use(next => connection => limit.CountAsync(connection, next))
            .Use(next => connection => closing.TrackAsync(connection, next)));
        kestrel = new KestrelServer(
            Options.Create(settings), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        scrape = new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(metrics, IsScrape, path: null, null, optionsName: null)
            .Use(_ => AuthProblems.From(ErrorCode.NotFound).ExecuteAsync)
            .Build();
    }

    /// <inheritdoc/>
    /// <exception cref="StartupException">The address can't be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var addresses = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        addresses.Add(options.Url);
        try
        {
            await kestrel.StartAsync(this, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ArgumentException
            or InvalidOperationException)
        {
            var cause = exception.Message.Split('\n')[0].TrimEnd('.');
            throw new StartupException(
                $"The metrics can't be served on {options.Url} ({cause}); set Metrics:Url to a free address of this machine.");
        }

        foreach (var address in addresses)
        {
            log.MetricsServed(address + MetricsEndpoint.Path);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => kestrel.StopAsync(cancellationToken);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) =>
        new DefaultHttpContext(contextFeatures) { ServiceScopeFactory = services.GetRequiredService<IServiceScopeFactory>() };

    public Task ProcessRequestAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return scrape(context);
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public void Dispose() => kestrel.Dispose();

    private static bool IsScrape(HttpContext http) =>
        http.Request.Path == MetricsEndpoint.Path && http.Request.Method is ("GET" or "HEAD");
}
