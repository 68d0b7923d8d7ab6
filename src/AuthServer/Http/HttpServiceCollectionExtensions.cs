using System.Text.Json;
using System.Text.Json.Serialization;
using AuthServer.Bearer;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

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
        KnownProxies.AddTo(services);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => Tighten(json.SerializerOptions));
        services.AddJson(ProblemJson.Default);
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddSingleton<IRefusalListener, RefusalEvents>();
        services.AddTrustedOrigins();
        services.AddReturnAddresses();
        services.AddConnectionLimits();
        services.AddRateLimits();
        builder.AddMetricsEndpoint();
        return builder;
    }

    /// <summary>Adds the middleware that every request passes before its route.</summary>
    public static void UseHttp(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ForwardAuthOptions>>().Value.Enabled)
        {
            app.Use(KnownProxies.KeepPeerAsync);
        }

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
        app.UseBodiesBeforeAuthorization();
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
}
