using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Http;

/// <summary>The account page and the client module it uses. Their files are part of the assembly.</summary>
internal static class AccountPage
{
    private const string Folder = "wwwroot";

    // Nothing inline, nothing from other origins, and no form that the browser would send without a script.
    private static readonly ContentSecurityPolicy Policy = new(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'");

    public static void MapAccountPage(this IEndpointRouteBuilder routes)
    {
        var assembly = typeof(AccountPage).Assembly;
        var types = new FileExtensionContentTypeProvider();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var content = new MemoryStream();
            assembly.GetManifestResourceStream(name)!.CopyTo(content);
            var path = name[Folder.Length..].Replace('\\', '/');
            types.TryGetContentType(path, out var type);
            routes.MapFile(path, content.ToArray(), type + "; charset=utf-8");
        }
    }

    private static void MapFile(this IEndpointRouteBuilder routes, string path, byte[] content, string type)
    {
        var isPage = path == "/index.html";
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");
        routes.MapMethods(isPage ? "/" : path, [HttpMethods.Get, HttpMethods.Head], (HttpResponse response) =>
        {
            // The page is never stored, like every answer of the contract. Its files are revalidated, and sent if they have
            // changed.
            response.Headers.CacheControl = isPage ? "no-store" : "no-cache";
            return TypedResults.Bytes(content, type, entityTag: isPage ? null : tag);
        }).WithMetadata(Policy).ExcludeFromDescription();
    }
}
