using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using AuthServer.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

internal static class JsonBodies
{
    /// <summary>Largest body of a request, in bytes.</summary>
    public const int LargestBody = 16 * 1024;

    /// <summary>Writes text as it is, in UTF-8, except for characters that HTML would take for more than text.</summary>
    public static readonly JavaScriptEncoder Plain = JavaScriptEncoder.Create(UnicodeRanges.All);

    /// <summary>Adds bodies that are described at build time.</summary>
    public static IServiceCollection AddJson(this IServiceCollection services, IJsonTypeInfoResolver bodies) =>
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, bodies));

    /// <summary>
    /// Lets a route do without the body that is its first parameter. The body <c>null</c>, which looks like none, is refused.
    /// </summary>
    public static RouteHandlerBuilder WithOptionalBody(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter((context, next) =>
            context.Arguments[0] is null
            && context.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
                ? new(AuthProblems.From(Refusal.OfField("body", "Must be one JSON object, or be left out.")))
                : next(context));

    /// <summary>
    /// Refuses a body whose declared length is too large, even if no route would read it. Refuses a body in another charset than
    /// UTF-8, the only one of JSON between systems (RFC 8259 §8.1). The charset may be written in any case and in quotes; an
    /// unknown one would make the framework throw.
    /// </summary>
    public static void UseJsonBodies(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.ContentLength > LargestBody)
        {
            // The body is not read, so the connection can't be used again.
            context.Response.Headers.Connection = "close";
            return AuthProblems.From(ErrorCode.BodyTooLarge).ExecuteAsync(context);
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is null
            || !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var mediaType)
            || !mediaType.Charset.HasValue)
        {
            return next(context);
        }

        if (!HeaderUtilities.RemoveQuotes(mediaType.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return AuthProblems.From(ErrorCode.UnsupportedMediaType).ExecuteAsync(context);
        }

        context.Request.ContentType = mediaType.MediaType.ToString();
        return next(context);
    });

    /// <summary>
    /// Reads the body of a private route before its caller is authorized. Otherwise a body that is sent slowly outlives the
    /// token, session or proof that were good when it began.
    /// </summary>
    public static void UseBodiesBeforeAuthorization(this WebApplication app) => app.Use((context, next) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        && context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAcceptsMetadata>() is not null
        && metadata.GetMetadata<IAuthorizeData>() is not null
            ? NextWithBodyAsync(context, next)
            : next(context));

    // The reader keeps what is not consumed, and refuses more than the largest body.
    private static async Task NextWithBodyAsync(HttpContext context, RequestDelegate next)
    {
        var reader = context.Request.BodyReader;
        var body = await RequestForms.ReadAsync(context);
        while (!body.IsCompleted && body.Buffer.Length <= LargestBody)
        {
            reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
            body = await RequestForms.ReadAsync(context);
        }

        reader.AdvanceTo(body.Buffer.Start);
        await next(context);
    }
}
