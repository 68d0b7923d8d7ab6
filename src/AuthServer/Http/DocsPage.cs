using System.IO.Compression;
using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace AuthServer.Http;

/// <summary>The section <c>Docs</c>.</summary>
internal sealed class DocsOptions
{
    /// <summary>True, unless set, if the server has an OpenAPI document and a page that shows it.</summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>The OpenAPI document, and the files of the page on which Scalar shows it.</summary>
internal static class DocsPage
{
    /// <summary>The path of the page.</summary>
    public const string Path = "/docs";

    /// <summary>The path of the page's files.</summary>
    public const string Folder = Path + "/";

    /// <summary>
    /// Policy of the page and of its files. Scalar adds style elements and attributes while it runs, and has icons and fonts in
    /// data: URLs. Its scripts are files.
    /// </summary>
    public static readonly ContentSecurityPolicy Policy = new(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

    private static Assembly Scalar => typeof(ScalarOptions).Assembly;

    /// <summary>Maps the document and the files of the page, unless they are switched off.</summary>
    public static void MapDocs(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<DocsOptions>>().Value.Enabled)
        {
            return;
        }

        app.MapGet("/openapi/v1.json", async (ApiDocument document) =>
        {
            var (json, tag) = await document.GetAsync();
            return TypedResults.Bytes(json, "application/json; charset=utf-8", entityTag: tag);
        }).RequireRateLimiting(RateLimits.Sessions).ExcludeFromDescription();
        app.MapPageFiles(path => path.StartsWith(Folder, StringComparison.Ordinal), Policy);
        app.MapGet(Folder + "scalar.js", SendScalar).WithMetadata(Policy).ExcludeFromDescription();
    }

    private static PushStreamHttpResult SendScalar(HttpContext http)
    {
        var isCompressed = http.Request.GetTypedHeaders().AcceptEncoding
            .Any(encoding => encoding is { Value: { Value: "gzip" }, Quality: not 0 });
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (isCompressed)
        {
            headers.ContentEncoding = "gzip";
        }

        var tag = new EntityTagHeaderValue($"\"{Scalar.ManifestModule.ModuleVersionId:N}\"", isWeak: true);
        return TypedResults.Stream(body => CopyScalarAsync(body, isCompressed), "text/javascript; charset=utf-8", entityTag: tag);
    }

    // The package has its script compressed.
    private static async Task CopyScalarAsync(Stream body, bool isCompressed)
    {
        await using var script = Scalar.GetManifestResourceStream("ScalarStaticAssets.scalar.js")!;
        await using var text = new GZipStream(script, CompressionMode.Decompress);
        await (isCompressed ? script : text).CopyToAsync(body);
    }
}
