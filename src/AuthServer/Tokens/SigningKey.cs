using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Bearer;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>
/// A key that signs access tokens, with one algorithm of RFC 7518 §3.1, and their compact serialization. Safe to share.
/// </summary>
internal abstract class SigningKey
{
    private const byte Period = (byte)'.';

    private readonly byte[] header;

    private protected SigningKey(string algorithm, string id, int signatureLength)
    {
        SignatureLength = signatureLength;
        header = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $$"""{"alg":"{{algorithm}}","typ":"{{AccessTokenRules.TokenType}}","kid":"{{id}}"}""")));
    }

    /// <summary>The key that verifies the signatures.</summary>
    public abstract SecurityKey Verifier { get; }

    /// <summary>The public key for back ends; null if the key is a secret.</summary>
    public virtual JsonWebKey? Public => null;

    private int SignatureLength { get; }

    /// <summary>Draws a new secret or private key of an algorithm.</summary>
    public static byte[] Generate(string algorithm)
    {
        switch (algorithm)
        {
            case SecurityAlgorithms.HmacSha256:
                return RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
            case SecurityAlgorithms.EcdsaSha256:
                using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return ecdsa.ExportPkcs8PrivateKey();
                }

            default:
                using (var rsa = RSA.Create(RsaSigningKey.KeySize))
                {
                    return rsa.ExportPkcs8PrivateKey();
                }
        }
    }

    /// <summary>Reads a secret or private key that <see cref="Generate"/> has drawn.</summary>
    /// <param name="algorithm">The algorithm of the key.</param>
    /// <param name="id">The member <c>kid</c> of its tokens.</param>
    /// <param name="secret">The key.</param>
    public static SigningKey Read(string algorithm, string id, byte[] secret) => algorithm switch
    {
        SecurityAlgorithms.HmacSha256 => new HmacSigningKey(id, secret),
        SecurityAlgorithms.EcdsaSha256 => new EcdsaSigningKey(id, secret),
        SecurityAlgorithms.RsaSha256 => new RsaSigningKey(id, secret),
        _ => throw new NotSupportedException($"There are no signatures with {algorithm}."),
    };

    /// <summary>Signs a payload of JSON. Source: RFC 7515 §7.1.</summary>
    public string SignToken(ReadOnlySpan<byte> payload)
    {
        var signedLength = header.Length + 1 + Base64Url.GetEncodedLength(payload.Length);
        var length = signedLength + 1 + Base64Url.GetEncodedLength(SignatureLength);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            header.CopyTo(buffer, 0);
            buffer[header.Length] = Period;
            Base64Url.EncodeToUtf8(payload, buffer.AsSpan(header.Length + 1));
            Span<byte> signature = stackalloc byte[SignatureLength];
            Sign(buffer.AsSpan(0, signedLength), signature);
            buffer[signedLength] = Period;
            Base64Url.EncodeToUtf8(signature, buffer.AsSpan(signedLength + 1));
            return Encoding.ASCII.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the signature of bytes.</summary>
    private protected abstract void Sign(ReadOnlySpan<byte> signed, Span<byte> signature);
}

/// <summary>HS256: one secret that signs and verifies. Source: RFC 7518 §3.2.</summary>
internal sealed class HmacSigningKey(string id, byte[] secret)
    : SigningKey(SecurityAlgorithms.HmacSha256, id, HMACSHA256.HashSizeInBytes)
{
    public override SecurityKey Verifier { get; } = new SymmetricSecurityKey(secret) { KeyId = id };

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature) =>
        HMACSHA256.HashData(secret, signed, signature);
}

/// <summary>ES256: a private key on the curve P-256. Source: RFC 7518 §3.4.</summary>
internal sealed class EcdsaSigningKey : SigningKey
{
    private const int CoordinateLength = 32;

    private readonly ConcurrentBag<ECDsa> idle = [];
    private readonly byte[] privateKey;

    public EcdsaSigningKey(string id, byte[] privateKey)
        : base(SecurityAlgorithms.EcdsaSha256, id, signatureLength: 2 * CoordinateLength)
    {
        this.privateKey = privateKey;
        var key = Open();
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        idle.Add(key);
        Public = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64Url.EncodeToString(point.X),
            Y = Base64Url.EncodeToString(point.Y),
            Kid = id,
            Alg = SecurityAlgorithms.EcdsaSha256,
            Use = JsonWebKeyUseNames.Sig,
        };
    }

    public override SecurityKey Verifier => Public;

    public override JsonWebKey Public { get; }

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature)
    {
        var key = idle.TryTake(out var kept) ? kept : Open();
        key.SignData(signed, signature, HashAlgorithmName.SHA256);
        idle.Add(key);
    }

    private ECDsa Open()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(privateKey, out _);
        return key;
    }
}

/// <summary>RS256: RSASSA-PKCS1-v1_5. Source: RFC 7518 §3.3.</summary>
internal sealed class RsaSigningKey : SigningKey
{
    /// <summary>Length of the modulus, in bits.</summary>
    public const int KeySize = 2048;

    private readonly ConcurrentBag<RSA> idle = [];
    private readonly byte[] privateKey;

    public RsaSigningKey(string id, byte[] privateKey)
        : base(SecurityAlgorithms.RsaSha256, id, signatureLength: KeySize / 8)
    {
        this.privateKey = privateKey;
        var key = Open();
        var numbers = key.ExportParameters(includePrivateParameters: false);
        idle.Add(key);
        Public = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.RSA,
            N = Base64Url.EncodeToString(numbers.Modulus),
            E = Base64Url.EncodeToString(numbers.Exponent),
            Kid = id,
            Alg = SecurityAlgorithms.RsaSha256,
            Use = JsonWebKeyUseNames.Sig,
        };
    }

    public override SecurityKey Verifier => Public;

    public override JsonWebKey Public { get; }

    private protected override void Sign(ReadOnlySpan<byte> signed, Span<byte> signature)
    {
        var key = idle.TryTake(out var kept) ? kept : Open();
        key.SignData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        idle.Add(key);
    }

    private RSA Open()
    {
        var key = RSA.Create();
        key.ImportPkcs8PrivateKey(privateKey, out _);
        return key;
    }
}
