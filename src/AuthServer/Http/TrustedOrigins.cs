using System.Buffers;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>The section <c>Cors</c>.</summary>
internal sealed class CrossOriginOptions
{
    /// <summary>Origins other than the server's own whose pages may call it and use its cookie; as browsers write them.</summary>
    public string[] Origins { get; set; } = [];

    /// <summary>Names of headers that their requests may have, beyond ours and those of W3C Trace Context.</summary>
    public string[] Headers { get; set; } = [];
}

/// <summary>
/// The origins of trusted pages: this server's, and <c>Cors:Origins</c>. Source: Fetch Standard, CORS protocol.
/// </summary>
internal static class TrustedOrigins
{
    // Origins of refused requests are logged up to this length, because a caller chooses them.
    private const int LongestLoggedOrigin = 300;

    // Source: W3C Trace Context §3 and Baggage §3.
    private static readonly string[] RequestHeaders =
    [
        HeaderNames.Authorization, HeaderNames.ContentType, RequestTokens.RefreshHeader, DeviceTokens.Header,
        HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage,
    ];

    // Source: RFC 9110 §5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static IServiceCollection AddTrustedOrigins(this IServiceCollection services)
    {
        services.AddValidatedOptions<CrossOriginOptions>("Cors").Validate(
            o => Array.TrueForAll(o.Headers, IsHeader),
            "Cors:Headers has an entry that is no name of a header; write them like X-Requested-With, without wildcards.")
            .Validate(
            o => Array.TrueForAll(o.Origins, IsOrigin),
            "Cors:Origins has an entry that is no origin; write them as browsers do, such as https://app.example.com: "
            + "in lower case, without a usual port, a path or a slash at the end. Wildcards are not supported.");
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>>((cors, options) =>
            cors.AddDefaultPolicy(policy => policy
                .WithOrigins(options.Value.Origins)
                .AllowCredentials()
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
                .WithHeaders([.. RequestHeaders, .. options.Value.Headers])
                .WithExposedHeaders(
                    HeaderNames.Authorization, RequestTokens.RefreshHeader, DeviceTokens.Header, HeaderNames.RetryAfter)
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
    public static bool AreSourceOf(HttpRequest request)
    {
        var listed = request.HttpContext.RequestServices.GetRequiredService<IOptions<CrossOriginOptions>>().Value.Origins;
        return AreSourceOf(request, OwnOf(request), listed);
    }

    /// <summary>
    /// True as <see cref="AreSourceOf(HttpRequest)"/> is. Otherwise the request is refused, and that is logged, because the cause
    /// may be a proxy that changes <c>Host</c>.
    /// </summary>
    public static bool Sent(HttpRequest request) => AreSourceOf(request) || Refuse(
        request,
        own => $"neither {own} nor in Cors:Origins; a proxy must keep Host, set X-Forwarded-Proto and be in Proxies:Known",
        OwnOf(request));

    /// <summary>
    /// True if a page of an application sent a request to it. Otherwise the request is refused, and that is logged.
    /// </summary>
    /// <param name="request">The question of the proxy, with the headers of that request.</param>
    /// <param name="application">The origin of the application.</param>
    public static bool SentToApplication(HttpRequest request, string application) =>
        AreSourceOf(request, application, listed: []) || Refuse(
            request, own => $"not {own}; the proxy must set X-Forwarded-Host and X-Forwarded-Proto", application);

    /// <summary>True if a text is an origin as browsers write it.</summary>
    public static bool IsOrigin(string text) => OriginOf(text) == text;

    /// <summary>
    /// The origin of the server in a request, as the client sent it. The framework's Host throws if the name only looks like an
    /// internationalized one.
    /// </summary>
    public static string OwnOf(HttpRequest request) => $"{request.Scheme}://{request.Headers.Host}";

    private static bool AreSourceOf(HttpRequest request, string own, string[] listed)
    {
        if (SenderOf(request) is not { } sender)
        {
            return request.Headers["Sec-Fetch-Site"] == "same-origin";
        }

        return sender == own || (OriginOf(sender) is { } origin && (origin == OriginOf(own) || listed.Contains(origin)));
    }

    private static bool Refuse(HttpRequest request, Func<string, string> describe, string origin)
    {
        var page = SenderOf(request) is { } sender ? DisplayText.Clip(sender, LongestLoggedOrigin) : "no origin";
        var own = DisplayText.Clip(origin, LongestLoggedOrigin);
        request.HttpContext.RequestServices.GetRequiredService<IEventCounter>().Count(
            new SecurityEvent(EventKind.CrossSiteRefused, request.HttpContext.ClientInfo())
            {
                Detail = $"the page is of {page}, which is {describe(own)}",
            });
        return false;
    }

    /// <summary>
    /// True if a request may use a cookie that browsers send with links from other sites: it changes nothing, or <see
    /// cref="Sent"/> is true.
    /// </summary>
    public static bool MayUseCookie(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || Sent(request);

    private static string? SenderOf(HttpRequest request) =>
        request.Headers.TryGetValue(HeaderNames.Origin, out var header) ? header.ToString() : null;

    private static bool IsHeader(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    // As browsers write it: scheme and host in lower case, without a default port. Null if the text is no origin.
    // Source: RFC 6454 §5 and §6.2.
    private static string? OriginOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
        && !text.EndsWith('/')
            ? $"{uri.Scheme}://{HostOf(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : null;

    // IdnHost lacks the brackets of an IPv6 address, and Host the encoding of other scripts.
    private static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
}
