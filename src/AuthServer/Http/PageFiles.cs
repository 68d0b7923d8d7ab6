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
    /// Maps files at their paths, and a page at its folder. A page is never stored, like every answer of the contract. Its files
    /// are revalidated, and sent if they have changed.
    /// </summary>
    /// <param name="routes">Receives a route for each file.</param>
    /// <param name="isMapped">True for the paths of the files to map.</param>
    /// <param name="policy">Policy of the page and of its files.</param>
    public static void MapPageFiles(this IEndpointRouteBuilder routes, Predicate<string> isMapped, ContentSecurityPolicy policy)
    {
        var assembly = typeof(PageFiles).Assembly;
        var types = new FileExtensionContentTypeProvider();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            var path = name[Root.Length..].Replace('\\', '/');
            if (isMapped(path))
            {
                var content = Read(assembly.GetManifestResourceStream(name)!);
                types.TryGetContentType(path, out var type);
                routes.MapFile(path, content, type!)
                    .WithMetadata(policy).ExcludeFromDescription();
            }
        }
    }

    /// <summary>A tag that changes with the content.</summary>
    public static EntityTagHeaderValue TagOf(ReadOnlySpan<byte> content) =>
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");

    private static RouteHandlerBuilder MapFile(
        this IEndpointRouteBuilder routes, string path, byte[] content, string mediaType)
    {
        var type = mediaType + "; charset=utf-8";
        if (IsPage(path))
        {
            // The addresses in a page are relative, so that it works below any path, and would be wrong after one more slash.
            var folder = path[..^Page.Length];
            return routes.MapMethods(folder, Methods, IResult (HttpRequest request) =>
                request.Path.Value!.EndsWith('/')
                    ? TypedResults.Redirect(".." + folder[folder.LastIndexOf('/')..])
                    : TypedResults.Bytes(content, type));
        }

        var tag = TagOf(content);
        return routes.MapMethods(path, Methods, (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(content, type, entityTag: tag);
        });
    }

    /// <summary>Reads a page, such as <c>/index.html</c>.</summary>
    public static string ReadPage(string path) =>
        Encoding.UTF8.GetString(Read(typeof(PageFiles).Assembly.GetManifestResourceStream(Root + path)!));

    private static bool IsPage(string path) => path.EndsWith(Page, StringComparison.Ordinal);

    private static byte[] Read(Stream resource)
    {
        using (resource)
        {
            var content = new byte[resource.Length];
            resource.ReadExactly(content);
            return content;
        }
    }
}
