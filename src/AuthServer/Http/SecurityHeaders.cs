using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

internal static class SecurityHeaders
{
    private const string UnusedFeatures =
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

    /// <summary>
    /// Adds headers to every answer that does not set its own. By default an answer is not stored (RFC 6749 §5.1), not sniffed,
    /// not framed, not embedded by other origins, and loads nothing. After an answer over TLS, browsers come back by TLS only.
    /// </summary>
    public static void UseSecurityHeaders(this WebApplication app)
    {
        var closing = app.Services.GetRequiredService<ConnectionClosing>();
        Func<object, Task> addHeaders = context => AddHeadersAsync((HttpContext)context, closing);
        app.Use((context, next) =>
        {
            context.Response.OnStarting(addHeaders, context);
            return next(context);
        });
    }

    private static Task AddHeadersAsync(HttpContext context, ConnectionClosing closing)
    {
        var headers = context.Response.Headers;
        if ((closing.IsClosing || context.Response.StatusCode == StatusCodes.Status408RequestTimeout)
            && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // After a timeout the connection has the rest of the request (RFC 9110 §15.5.9).
            headers.Connection = "close";
        }

        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            // The exception handler sets three headers that say the same.
            headers.Remove(HeaderNames.CacheControl);
            headers.Remove(HeaderNames.Pragma);
            headers.Remove(HeaderNames.Expires);
        }

        headers.TryAdd(HeaderNames.CacheControl, "no-store");
        headers.TryAdd(HeaderNames.XContentTypeOptions, "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        if (context.Request.IsHttps)
        {
            headers.TryAdd(HeaderNames.StrictTransportSecurity, "max-age=31536000");
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<ContentSecurityPolicy>() is { } page)
        {
            headers.TryAdd(HeaderNames.ContentSecurityPolicy, page.Value);
            headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
            headers.TryAdd("Permissions-Policy", UnusedFeatures);
        }
        else
        {
            headers.TryAdd(HeaderNames.ContentSecurityPolicy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
        }

        return Task.CompletedTask;
    }
}

/// <summary>The content security policy of a page; other answers allow nothing.</summary>
/// <param name="Value">The header <c>Content-Security-Policy</c>.</param>
internal sealed record ContentSecurityPolicy(string Value);
