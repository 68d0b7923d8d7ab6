using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthServer.Hardening.Tests.Forging;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Libraries;

/// <summary>Changes of a JWT by a forger who has the public key, and keys of its own. Source: RFC 8725 §2 and §3.</summary>
internal sealed class PublicKeyMutators : IDisposable
{
    private static readonly string[] Algorithms = ["ES256", "RS256", "PS256", "ES384", "RS512", "EdDSA", "none"];

    // Of signatures by ES256 and RS256, and of none.
    private static readonly int[] Lengths = [0, 1, 64, 256];

    private readonly ECDsa ownEc = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA ownRsa = RSA.Create(2048);
    private readonly byte[][] secrets;
    private readonly string kid;

    /// <summary>Creates the changes for a key of the server, by its member of <c>jwks.json</c>.</summary>
    public PublicKeyMutators(JsonElement key)
    {
        kid = key.GetProperty("kid").GetString()!;
        var isEc = key.GetProperty("kty").GetString() == "EC";
        var (pem, der) = isEc ? Export(EcOf(key)) : Export(RsaOf(key));
        secrets =
        [
            Encoding.UTF8.GetBytes(key.GetRawText()), Encoding.UTF8.GetBytes(pem), Encoding.UTF8.GetBytes(pem + "\n"), der,
            BytesOf(key, isEc ? "x" : "n"), Encoding.UTF8.GetBytes(key.GetProperty(isEc ? "x" : "n").GetString()!),
        ];
    }

    public IReadOnlyList<Mutator> All =>
    [
        OfParts("public key as secret", (parts, random) =>
        {
            parts[0] = Forgery.Encode($$"""{"alg":"HS256","kid":"{{kid}}","typ":"at+jwt"}""");
            parts[2] = Base64Url.EncodeToString(HMACSHA256.HashData(secrets[random.Next(secrets.Length)], Signed(parts)));
        }),
        OfParts("own key under its number", (parts, random) => SignByOwnKey(parts, random, more: "")),
        OfParts("own key in header", (parts, random) => SignByOwnKey(parts, random, more: $",\"jwk\":{OwnKey}")),
        OfParts("address of own key", (parts, random) =>
            SignByOwnKey(parts, random, more: ",\"jku\":\"https://evil.example/jwks.json\"")),
        OfParts("other algorithm", (parts, random) =>
        {
            parts[0] = Header(Algorithms[random.Next(Algorithms.Length)], more: "");
        }),
        OfParts("trivial signature", (parts, random) =>
        {
            var bytes = new byte[Lengths[random.Next(Lengths.Length)]];
            bytes.AsSpan().Fill((byte)random.Next(2));
            parts[2] = Base64Url.EncodeToString(bytes);
        }),
        OfParts("signature in DER", (parts, _) =>
        {
            if (Base64Url.IsValid(parts[2]) && Base64Url.DecodeFromChars(parts[2]) is { Length: 64 } signature)
            {
                parts[2] = Base64Url.EncodeToString([0x30, 68, 2, 32, .. signature[..32], 2, 32, .. signature[32..]]);
            }
        }),
    ];

    private string OwnKey
    {
        get
        {
            var point = ownEc.ExportParameters(includePrivateParameters: false).Q;
            var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
            return $$"""{"kty":"EC","crv":"P-256","kid":"{{kid}}","x":"{{x}}","y":"{{y}}"}""";
        }
    }

    public void Dispose()
    {
        ownEc.Dispose();
        ownRsa.Dispose();
    }

    private static Mutator OfParts(string name, Action<string[], Random> change) => new(name, (text, _, random) =>
    {
        var parts = text.Split('.');
        if (parts.Length == 3)
        {
            change(parts, random);
        }

        return string.Join('.', parts);
    });

    private static byte[] Signed(string[] parts) => Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}");

    private static byte[] BytesOf(JsonElement key, string member) =>
        Base64Url.DecodeFromChars(key.GetProperty(member).GetString());

    private static ECDsa EcOf(JsonElement key) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = BytesOf(key, "x"), Y = BytesOf(key, "y") },
    });

    private static RSA RsaOf(JsonElement key) =>
        RSA.Create(new RSAParameters { Modulus = BytesOf(key, "n"), Exponent = BytesOf(key, "e") });

    private static (string Pem, byte[] Der) Export(AsymmetricAlgorithm key)
    {
        using (key)
        {
            return (key.ExportSubjectPublicKeyInfoPem(), key.ExportSubjectPublicKeyInfo());
        }
    }

    private string Header(string algorithm, string more) =>
        Forgery.Encode($$"""{"alg":"{{algorithm}}","kid":"{{kid}}","typ":"at+jwt"{{more}}}""");

    private void SignByOwnKey(string[] parts, Random random, string more)
    {
        var isEc = random.Next(2) == 0;
        parts[0] = Header(isEc ? "ES256" : "RS256", more);
        parts[2] = Base64Url.EncodeToString(isEc
            ? ownEc.SignData(Signed(parts), HashAlgorithmName.SHA256)
            : ownRsa.SignData(Signed(parts), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}
