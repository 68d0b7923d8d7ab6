using System.Net;
using AuthServer.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>Proxies</c>.</summary>
internal sealed class ProxyOptions
{
    /// <summary>Addresses, or networks like <c>10.0.0.0/8</c>, whose <c>X-Forwarded-…</c> count.</summary>
    public string[] Known { get; set; } = [];
}

/// <summary>The proxies that are trusted. Safe to share.</summary>
internal sealed class KnownProxies(IOptions<ProxyOptions> options)
{
    private readonly System.Net.IPNetwork[] networks = [.. options.Value.Known.Select(known => NetworkOf(known)!.Value)];

    public static IServiceCollection AddTo(IServiceCollection services)
    {
        services.AddValidatedOptions<ProxyOptions>("Proxies").Validate(
            o => o.Known.All(known => NetworkOf(known) is not null),
            "Proxies:Known has an entry that is no address or network; write them like 10.0.0.1 or 10.0.0.0/8.");
        services.AddSingleton<KnownProxies>();
        services.AddOptions<ForwardedHeadersOptions>().Configure<KnownProxies>((headers, proxies) =>
        {
            // No proxy is believed unless it is configured, not even one on this machine: a client must not choose its own
            // address. With no known proxy the framework would believe every client, and an environment variable of its own
            // enables that.
            headers.KnownProxies.Clear();
            headers.KnownIPNetworks.Clear();
            headers.ForwardedHeaders = proxies.networks.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedPrefix;
            headers.ForwardLimit = null;
            foreach (var network in proxies.networks)
            {
                headers.KnownIPNetworks.Add(network);
            }
        });
        return services;
    }

    /// <summary>
    /// Keeps the address of the peer of a connection, before the one that a proxy has forwarded takes its place.
    /// </summary>
    public static Task KeepPeerAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(new Peer(context.Connection.RemoteIpAddress));
        return next(context);
    }

    /// <summary>True if a known proxy has sent the request itself. Its peer must have been kept.</summary>
    public bool HasSent(HttpContext context) =>
        context.Features.Get<Peer>() is { Address: { } address } && Array.Exists(networks, network => network.Contains(
            address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private static System.Net.IPNetwork? NetworkOf(string known) =>
        IPAddress.TryParse(known, out var address) ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
        : System.Net.IPNetwork.TryParse(known, out var network) ? network
        : null;

    private sealed record Peer(IPAddress? Address);
}
