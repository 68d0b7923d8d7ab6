using AuthServer.Hosting;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>The section <c>Cors</c>.</summary>
internal sealed class CrossOriginOptions
{
    /// <summary>Origins other than the server's own whose pages may call it and use its cookie; as browsers write them.</summary>
    public string[] Origins { get; set; } = [];
}

/// <summary>
/// The origins of trusted pages: this server's, and <c>Cors:Origins</c>. Source: Fetch Standard, CORS protocol.
/// </summary>
internal static class TrustedOrigins
{
    public static IServiceCollection AddTrustedOrigins(this IServiceCollection services)
    {
        services.AddValidatedOptions<CrossOriginOptions>("Cors").Validate(
            o => o.Origins.All(IsOrigin),
            "Cors:Origins has an entry that is no origin; write them as browsers do, such as https://app.example.com: "
            + "in lower case, without a usual port, a path or a slash at the end. Wildcards are not supported.");
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>>((cors, options) =>
            cors.AddDefaultPolicy(policy => policy
                .WithOrigins(options.Value.Origins)
                .AllowCredentials()
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
                .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, RequestTokens.RefreshHeader)
                .WithExposedHeaders(HeaderNames.Authorization, RequestTokens.RefreshHeader, HeaderNames.RetryAfter)
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        return services;
    }

    /// <summary>Lets pages of <c>Cors:Origins</c> read answers, errors included. Does nothing if none is configured.</summary>
    public static void UseTrustedOrigins(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<CrossOriginOptions>>().Value.Origins.Length == 0)
        {
            return;
        }

        // The framework adds the header for some origins only; a cache needs it on every answer.
        app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                if (!context.Response.Headers.Vary.Contains(HeaderNames.Origin))
                {
                    context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                }

                return Task.CompletedTask;
            });
            return next();
        });
        app.UseCors();
    }

    /// <summary>
    /// True if a page of a trusted origin sent a request, according to its browser. Without <c>Origin</c>, the browser has to
    /// state that the page is of this server.
    /// </summary>
    public static bool Sent(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderNames.Origin, out var origin))
        {
            return request.Headers["Sec-Fetch-Site"] == "same-origin";
        }

        var trusted = request.HttpContext.RequestServices.GetRequiredService<IOptions<CrossOriginOptions>>().Value.Origins;
        return origin == $"{request.Scheme}://{request.Host}" || trusted.Contains(origin.ToString(), StringComparer.Ordinal);
    }

    private static bool IsOrigin(string entry) =>
        Uri.TryCreate(entry, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && entry == $"{uri.Scheme}://{HostOf(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}";

    // IdnHost lacks the brackets of an IPv6 address, and Host the encoding of other scripts.
    private static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
}
