using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

internal static class SecurityHeaders
{
    /// <summary>
    /// Adds to every answer what it does not say otherwise: not to be stored, sniffed, framed or asked for scripts. Source: RFC
    /// 6749 §5.1 for the first.
    /// </summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(AddHeadersAsync, context);
        return next(context);
    });

    private static Task AddHeadersAsync(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            // The framework's own for errors say the same three times.
            headers.Remove(HeaderNames.CacheControl);
            headers.Remove(HeaderNames.Pragma);
            headers.Remove(HeaderNames.Expires);
        }

        headers.TryAdd(HeaderNames.CacheControl, "no-store");
        headers.TryAdd(HeaderNames.XContentTypeOptions, "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd(HeaderNames.ContentSecurityPolicy, context.GetEndpoint()?.Metadata.GetMetadata<ContentSecurityPolicy>()?.Value
            ?? "default-src 'none'; frame-ancestors 'none'");
        return Task.CompletedTask;
    }
}

/// <summary>What a page needs beyond nothing at all.</summary>
/// <param name="Value">The header <c>Content-Security-Policy</c>.</param>
internal sealed record ContentSecurityPolicy(string Value);
