using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace AuthServer.Http;

/// <summary>Forms of a request that mean the same as those that the routes know.</summary>
internal static class RequestForms
{
    // A GET of its own, by which a request that was a HEAD is recognized after it was routed. Any other request costs no look-up.
    private static readonly string HeadAsGet = new(HttpMethods.Get.AsSpan());

    // OpenTelemetry's name of methods that are not known, and the method of no route.
    private const string UnknownMethod = "_OTHER";

    /// <summary>
    /// Routes a request whose form another one stands for. HEAD is routed as GET (RFC 9110 §9.3.2); the server sends no body all
    /// the same. An empty body has no type: many clients name their usual one with it. Methods are case-sensitive (RFC 9110
    /// §9.1), which the framework's routes and CORS are not, so a method with a small letter becomes an unknown one.
    /// </summary>
    public static void UseRoutingOfAnyForm(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var request = context.Request;
            if (request.Method is "HEAD")
            {
                request.Method = HeadAsGet;
            }
            else if (request.Method.AsSpan().ContainsAnyInRange('a', 'z'))
            {
                request.Method = UnknownMethod;
            }

            if (request.ContentLength == 0)
            {
                request.ContentType = null;
            }

            return request is { ContentLength: null, ContentType: not null } && HasBody(context)
                ? NextWithBodyAsync(context, next)
                : next(context);
        });
        app.UseRouting();
        app.Use((context, next) =>
        {
            if (ReferenceEquals(context.Request.Method, HeadAsGet))
            {
                context.Request.Method = HttpMethods.Head;
            }

            return next(context);
        });
    }

    /// <summary>
    /// Reads more of the body. Kestrel refuses most malformed chunks as a bad request, and a size that overflows as an I/O error.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The body can't be read.</exception>
    public static async Task<ReadResult> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.BodyReader.ReadAsync(context.RequestAborted);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The body can't be read.", exception);
        }
    }

    private static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    // A body of unknown length, as with chunks, may turn out to be empty.
    private static async Task NextWithBodyAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var body = await ReadAsync(context);
        request.BodyReader.AdvanceTo(body.Buffer.Start);
        if (body is { IsCompleted: true, Buffer.IsEmpty: true })
        {
            request.ContentType = null;
            context.Features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        }

        await next(context);
    }

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
