using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthServer.Tests.Support;

/// <summary>
/// An authenticator with one passkey of ES256, and the browser around it. Each property can be set to what an honest one never
/// has. Source: Web Authentication Level 3 §6.
/// </summary>
internal sealed class SoftwareAuthenticator : IDisposable
{
    private const int Es256 = -7;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] CredentialId { get; set; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>The origin of the page.</summary>
    public string Origin { get; set; } = "http://localhost:5080";

    /// <summary>The domain that is signed; null for the one of the options.</summary>
    public string? Domain { get; set; }

    /// <summary>The challenge that is signed; null for the one of the options.</summary>
    public string? Challenge { get; set; }

    /// <summary>True if the page is in a frame of another origin.</summary>
    public bool IsFramed { get; set; }

    /// <summary>The counter of the newest signature. It stays 0 without <see cref="Counts"/>.</summary>
    public uint SignCount { get; set; }

    public bool Counts { get; set; }

    public bool IsUserVerified { get; set; } = true;

    public bool IsSynced { get; set; }

    /// <summary>The user handle of the answer; that of the registration unless set.</summary>
    public string? UserHandle { get; set; }

    /// <summary>Answers options to make a passkey.</summary>
    public JsonObject Create(JsonElement options)
    {
        UserHandle = options.GetProperty("user").GetProperty("id").GetString();
        var data = AuthenticatorData(options.GetProperty("rp").GetProperty("id").GetString()!, PublicKey());
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString("none");
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString(data);
        writer.WriteEndMap();
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Encode(ClientData("webauthn.create", options)),
            ["attestationObject"] = Encode(writer.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Answers options to prove who the user is.</summary>
    public JsonObject Prove(JsonElement options)
    {
        SignCount += Counts ? 1u : 0u;
        var client = ClientData("webauthn.get", options);
        var data = AuthenticatorData(options.GetProperty("rpId").GetString()!, publicKey: null);
        var signature = key.SignData(
            [.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Encode(client),
            ["authenticatorData"] = Encode(data),
            ["signature"] = Encode(signature),
            ["userHandle"] = UserHandle,
        });
    }

    public void Dispose() => key.Dispose();

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private JsonObject Credential(JsonObject response) => new()
    {
        ["id"] = Encode(CredentialId),
        ["rawId"] = Encode(CredentialId),
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    };

    private byte[] ClientData(string type, JsonElement options) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = type,
        ["challenge"] = Challenge ?? options.GetProperty("challenge").GetString(),
        ["origin"] = Origin,
        ["crossOrigin"] = IsFramed,
    }.ToJsonString());

    // Source: §6.1. The flags are user present, user verified, backup eligible, backed up and attested.
    private byte[] AuthenticatorData(string domain, byte[]? publicKey)
    {
        var flags = 0x01 | (IsUserVerified ? 0x04 : 0) | (IsSynced ? 0x18 : 0) | (publicKey is null ? 0 : 0x40);
        var (count, length) = (new byte[4], new byte[2]);
        BinaryPrimitives.WriteUInt32BigEndian(count, SignCount);
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)CredentialId.Length);
        byte[] data = [.. SHA256.HashData(Encoding.UTF8.GetBytes(Domain ?? domain)), (byte)flags, .. count];
        return publicKey is null ? data : [.. data, .. new byte[16], .. length, .. CredentialId, .. publicKey];
    }

    // In the form of COSE. Source: RFC 9053 §7.1.1.
    private byte[] PublicKey()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        foreach (var (label, value) in ((int, int)[])[(1, 2), (3, Es256), (-1, 1)])
        {
            writer.WriteInt32(label);
            writer.WriteInt32(value);
        }

        writer.WriteInt32(-2);
        writer.WriteByteString(point.X!);
        writer.WriteInt32(-3);
        writer.WriteByteString(point.Y!);
        writer.WriteEndMap();
        return writer.Encode();
    }
}
