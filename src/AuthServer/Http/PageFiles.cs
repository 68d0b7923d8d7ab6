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

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps files at their paths, and a page at its folder. A page is never stored, like every answer of the contract. Its files
    /// are revalidated, and sent if they have changed.
    /// </summary>
    /// <param name="routes">Receives a route for each file.</param>
    /// <param name="isMapped">True for the paths of the files to map.</param>
    /// <param name="policy">Policy of the page and of its files.</param>
    /// <param name="leftOut">Text that pages are sent without, such as a link to a page that is switched off.</param>
    public static void MapPageFiles(
        this IEndpointRouteBuilder routes, Predicate<string> isMapped, ContentSecurityPolicy policy, string? leftOut = null)
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
                routes.MapFile(path, IsPage(path) && leftOut is not null ? Without(content, leftOut) : content, type!)
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
            return routes.MapMethods(folder is "" ? "/" : folder, Methods, IResult (HttpRequest request) =>
                folder is not "" && request.Path.Value!.EndsWith('/')
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

    private static byte[] Without(byte[] page, string leftOut) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(page).Replace(leftOut, "", StringComparison.Ordinal));
}
