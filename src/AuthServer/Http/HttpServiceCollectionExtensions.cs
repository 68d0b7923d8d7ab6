using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using AuthServer.Bearer;
using AuthServer.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>Proxies</c>.</summary>
internal sealed class ProxyOptions
{
    /// <summary>Addresses, or networks like <c>10.0.0.0/8</c>, whose <c>X-Forwarded-For</c> and <c>-Proto</c> count.</summary>
    public string[] Known { get; set; } = [];
}

/// <summary>The parts that all routes share: limits of a body, JSON, errors, headers.</summary>
internal static class HttpServiceCollectionExtensions
{
    private static readonly string[] AddressSettings = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];

    public static WebApplicationBuilder AddHttp(this WebApplicationBuilder builder)
    {
        // A default, which each way of configuring an address overrides.
        if (!Array.Exists(AddressSettings, key => builder.Configuration.GetSection(key).Exists()))
        {
            builder.WebHost.UseUrls("http://localhost:5080");
        }

        var (limit, closing) = (new ConnectionLimit(), new ConnectionClosing());
        builder.Services.AddSingleton(limit);
        builder.Services.AddSingleton(closing);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint
                .Use(next => connection => limit.CountAsync(connection, next))
                .Use(next => connection => closing.TrackAsync(connection, next)));
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBodies.LargestBody;
        });

        var services = builder.Services;
        services.AddValidatedOptions<ProxyOptions>("Proxies").Validate(
            o => o.Known.All(known => NetworkOf(known) is not null),
            "Proxies:Known has an entry that is no address or network; write them like 10.0.0.1 or 10.0.0.0/8.");
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ProxyOptions>>((headers, proxies) =>
        {
            // No proxy is believed unless it is configured, not even one on this machine: a client must not choose its own
            // address. With no known proxy the framework would believe every client, and an environment variable of its own
            // enables that.
            headers.KnownProxies.Clear();
            headers.KnownIPNetworks.Clear();
            headers.ForwardedHeaders = proxies.Value.Known.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            headers.ForwardLimit = null;
            foreach (var known in proxies.Value.Known)
            {
                headers.KnownIPNetworks.Add(NetworkOf(known)!.Value);
            }
        });

        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => Tighten(json.SerializerOptions));
        services.AddJson(ProblemJson.Default);
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddSingleton<IRefusalListener, RefusalEvents>();
        services.AddTrustedOrigins();
        services.AddConnectionLimits();
        services.AddRateLimits();
        builder.AddMetricsEndpoint();
        return builder;
    }

    /// <summary>Adds the middleware that every request passes before its route.</summary>
    public static void UseHttp(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();

        // Not AddProblemDetails: its errors are plain text or empty if the request accepts no JSON, as from a browser.
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(context =>
            AuthProblems.OfStatus(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        app.UseRoutingOfAnyForm();
        app.UseTrustedOrigins();
        app.UseJsonBodies();
        app.UseRateLimits();
        app.UseAuthorization();
    }

    // The members of JsonSerializerOptions.Strict, which can't be assigned here and is not camelCase.
    private static void Tighten(JsonSerializerOptions json)
    {
        json.Encoder = JsonBodies.Plain;
        json.AllowDuplicateProperties = false;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.PropertyNameCaseInsensitive = false;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = false;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static System.Net.IPNetwork? NetworkOf(string known) =>
        IPAddress.TryParse(known, out var address) ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
        : System.Net.IPNetwork.TryParse(known, out var network) ? network
        : null;
}
