using System.ComponentModel.DataAnnotations;
using AuthServer.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>Connections</c>.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>
    /// The most connections, of all addresses together. Fewer if the process may not open enough files. Range: 1 to 1,000,000;
    /// 20,000 unless set.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Max { get; set; } = 20_000;

    /// <summary>
    /// Time for the head of a request, and before a slow body is refused. 2 seconds to 5 minutes; 10 seconds unless set.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time without a request after which a connection is closed. 2 seconds to 1 hour; 130 seconds unless set. Proxies should
    /// keep an idle connection for less.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(130);
}

internal static class ConnectionServiceCollectionExtensions
{
    // Of a body, once the time for a request is over. A body of the largest size takes a minute at that rate.
    private const int LeastBytesPerSecond = 240;

    // Of the runtime, which has some 260 open, the database and the files.
    private const int OtherFiles = 384;

    public static void AddConnectionLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<ConnectionOptions>("Connections");
        var kestrels = services.AddOptions<KestrelServerOptions>();
        kestrels.Configure<IOptions<ConnectionOptions>, ConnectionLimit>((kestrel, options, limit) =>
        {
            limit.Max = EnvironmentCheck.ReadOpenFileLimit() is { } files
                ? Math.Min(options.Value.Max, files - OtherFiles)
                : options.Value.Max;
            var limits = kestrel.Limits;

            // Counts what it closes, while the other limit holds for all addresses.
            limits.MaxConcurrentConnections = limit.Max;
            limits.RequestHeadersTimeout = options.Value.RequestTimeout;
            limits.MinRequestBodyDataRate = new MinDataRate(LeastBytesPerSecond, options.Value.RequestTimeout);
            limits.KeepAliveTimeout = options.Value.IdleTimeout;
        });
    }
}
