using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>A JWK Set. Source: RFC 7517 §5.</summary>
/// <param name="Keys">The keys by number.</param>
internal sealed record KeySet(IReadOnlyList<PublicKey> Keys);

/// <summary>A public key. Sources: RFC 7517 §4, RFC 7518 §6.2 and §6.3.</summary>
/// <param name="Kty"><c>EC</c> or <c>RSA</c>.</param>
/// <param name="Use">Always <c>sig</c>.</param>
/// <param name="Alg">The only algorithm of the key.</param>
/// <param name="Kid">Its number, as tokens name it.</param>
/// <param name="Crv">The curve of an EC key.</param>
/// <param name="X">The first coordinate of an EC key, in base64url.</param>
/// <param name="Y">The second coordinate of an EC key, in base64url.</param>
/// <param name="N">The modulus of an RSA key, in base64url.</param>
/// <param name="E">The exponent of an RSA key, in base64url.</param>
internal sealed record PublicKey(
    string Kty, string Use, string Alg, string Kid, string? Crv, string? X, string? Y, string? N, string? E)
{
    public static PublicKey Of(JsonWebKey key) =>
        new(key.Kty, key.Use, key.Alg, key.Kid, key.Crv, key.X, key.Y, key.N, key.E);
}

/// <summary>The metadata of the server. Sources: RFC 8414 §2, OpenID Connect Discovery 1.0 §3.</summary>
/// <param name="Issuer">The claim <c>iss</c> of its tokens.</param>
/// <param name="KeysAddress">The address of the public keys.</param>
/// <param name="IntrospectionAddress">The address that describes tokens.</param>
/// <param name="IntrospectionMethods">HTTP Basic.</param>
/// <param name="RevocationAddress">The address that ends the session of a token.</param>
/// <param name="RevocationMethods">None, because having the token is enough.</param>
/// <param name="ResponseTypes">Empty, because there is no authorization endpoint. The member is required.</param>
/// <param name="GrantTypes">Empty, because there is no token endpoint. Without it, readers would assume some.</param>
internal sealed record ServerMetadata(
    string Issuer,
    [property: JsonPropertyName("jwks_uri")] string KeysAddress,
    [property: JsonPropertyName("introspection_endpoint")] string IntrospectionAddress,
    [property: JsonPropertyName("introspection_endpoint_auth_methods_supported")] IReadOnlyList<string> IntrospectionMethods,
    [property: JsonPropertyName("revocation_endpoint")] string RevocationAddress,
    [property: JsonPropertyName("revocation_endpoint_auth_methods_supported")] IReadOnlyList<string> RevocationMethods,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes,
    [property: JsonPropertyName("grant_types_supported")] IReadOnlyList<string> GrantTypes);

/// <summary>Describes the server to back ends that check its tokens.</summary>
internal sealed class MetadataService(AccessKeyRing ring, IOptions<TokenOptions> tokens)
{
    public const string KeysPath = "/.well-known/jwks.json";
    public const string IntrospectionPath = "/introspect";
    public const string RevocationPath = "/revoke";

    /// <summary>The public keys that verify tokens now or soon. Secret keys are not among them.</summary>
    public KeySet GetKeys() => new(
        [.. ring.Verifying.Select(key => key.Key.Public).OfType<JsonWebKey>().Select(PublicKey.Of)]);

    /// <summary>The metadata.</summary>
    public ServerMetadata GetMetadata() => new(
        tokens.Value.Issuer,
        AddressOf(KeysPath),
        AddressOf(IntrospectionPath),
        ["client_secret_basic"],
        AddressOf(RevocationPath),
        ["none"],
        ResponseTypes: [],
        GrantTypes: []);

    private string AddressOf(string path) => tokens.Value.Issuer.TrimEnd('/') + path;
}
