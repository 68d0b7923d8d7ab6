using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>Pages and the files that they load. All are part of the assembly.</summary>
internal static class PageFiles
{
    private const string Root = "wwwroot";
    private const string Page = "/index.html";

    /// <summary>The methods of a page.</summary>
    public static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps the files of pages at their paths. They are revalidated, and sent if they have changed. Pages are templates, and
    /// mapped by <see cref="MapPage"/>.
    /// </summary>
    /// <param name="routes">Receives a route for each file.</param>
    /// <param name="isMapped">True for the paths of the files to map.</param>
    /// <param name="policy">Policy of their page.</param>
    public static void MapPageFiles(this IEndpointRouteBuilder routes, Predicate<string> isMapped, ContentSecurityPolicy policy)
    {
        var types = new FileExtensionContentTypeProvider();
        var names = typeof(PageFiles).Assembly.GetManifestResourceNames();
        foreach (var name in names.Where(name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            var path = name[Root.Length..].Replace('\\', '/');
            if (isMapped(path) && !path.EndsWith(Page, StringComparison.Ordinal))
            {
                var type = types.TryGetContentType(path, out var known) ? known + "; charset=utf-8" : "text/plain";
                routes.MapFile(path, Read(path), type).WithMetadata(policy).ExcludeFromDescription();
            }
        }
    }

    /// <summary>A tag that changes with the content.</summary>
    public static EntityTagHeaderValue TagOf(ReadOnlySpan<byte> content) =>
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");

    /// <summary>Maps a page at its folder. It is never stored, like every answer of the contract.</summary>
    public static void MapPage(this IEndpointRouteBuilder routes, string folder, byte[] content, ContentSecurityPolicy policy) =>
        // The addresses in a page are relative, so that it works below any path, and would be wrong after one more slash.
        routes.MapMethods(folder, Methods, IResult (HttpRequest request) =>
            request.Path.Value!.EndsWith('/')
                ? TypedResults.Redirect(".." + folder[folder.LastIndexOf('/')..])
                : Send(content)).WithMetadata(policy).ExcludeFromDescription();

    /// <summary>Maps a file at its path. Browsers keep it, and ask each time if it has changed.</summary>
    public static RouteHandlerBuilder MapFile(
        this IEndpointRouteBuilder routes, string path, byte[] content, string mediaType)
    {
        var tag = TagOf(content);
        return routes.MapMethods(path, Methods, (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(content, mediaType, entityTag: tag);
        });
    }

    /// <summary>Sends a page.</summary>
    public static IResult Send(byte[] page) => TypedResults.Bytes(page, "text/html; charset=utf-8");

    /// <summary>Reads a page, such as <c>/index.html</c>.</summary>
    public static string ReadPage(string path) => Encoding.UTF8.GetString(Read(path));

    private static byte[] Read(string path)
    {
        using var resource = typeof(PageFiles).Assembly.GetManifestResourceStream(Root + path)!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return Encoding.UTF8.GetBytes(PageText.Compact(path, reader.ReadToEnd()));
    }
}
