using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthServer.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AuthServer.Tokens;

/// <summary>The public keys and the metadata of the server. Any origin may read them.</summary>
internal static class MetadataEndpoints
{
    public static void MapMetadata(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(MetadataService.KeysPath, (MetadataService metadata, HttpResponse response) =>
                Send(response, metadata.GetKeys(), TokensJson.Default.KeySet))
            .WithName("Keys").WithSummary("The public keys of access tokens, those that do not sign yet included.")
            .Produces<KeySet>();
        routes.MapGet("/.well-known/openid-configuration", GetMetadata)
            .WithName("OpenIdConfiguration").WithSummary("The metadata of the server, where OpenID Connect has it.")
            .Produces<ServerMetadata>();
        routes.MapGet("/.well-known/oauth-authorization-server", GetMetadata)
            .WithName("AuthorizationServer").WithSummary("The metadata of the server, where OAuth 2.0 has it.")
            .Produces<ServerMetadata>();
    }

    private static FileContentHttpResult GetMetadata(MetadataService metadata, HttpResponse response) =>
        Send(response, metadata.GetMetadata(), TokensJson.Default.ServerMetadata);

    private static FileContentHttpResult Send<T>(HttpResponse response, T document, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, type);
        response.Headers.CacheControl = "public, max-age=300";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";

        // For a page of Cors:Origins, the middleware names its origin instead.
        response.Headers.AccessControlAllowOrigin = "*";
        return TypedResults.Bytes(json, "application/json; charset=utf-8", entityTag: PageFiles.TagOf(json));
    }
}
