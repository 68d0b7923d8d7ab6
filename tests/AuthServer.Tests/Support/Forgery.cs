using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace AuthServer.Tests.Support;

/// <summary>A JWT that is taken apart, changed and signed by hand, so that no library keeps it well-formed.</summary>
public sealed class Forgery(string token)
{
    public JsonObject Header { get; } = Decode(token, 0);

    public JsonObject Payload { get; } = Decode(token, 1);

    /// <summary>Signs a header and a payload in raw text, in which each character stands for one byte, with HS256.</summary>
    public static string Sign(string header, string payload, byte[] key) => SignEncoded(Encode(header), Encode(payload), key);

    /// <summary>Signs two parts as they are written, with HS256.</summary>
    public static string SignEncoded(string header, string payload, byte[] key)
    {
        var signed = $"{header}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Encodes a raw text, in which each character stands for one byte.</summary>
    public static string Encode(string raw) => Base64Url.EncodeToString(Encoding.Latin1.GetBytes(raw));

    /// <summary>Changes a member; <paramref name="json"/> is its new value, null to take it out.</summary>
    public Forgery With(string part, string member, string? json)
    {
        var target = part == "header" ? Header : Payload;
        target.Remove(member);
        if (json is not null)
        {
            target[member] = JsonNode.Parse(json);
        }

        return this;
    }

    /// <summary>The token, signed as its <c>alg</c> says.</summary>
    public string Sign(byte[] key)
    {
        var signed = $"{Encode(Header)}.{Encode(Payload)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        return $"{signed}." + ((string?)Header["alg"] switch
        {
            "HS256" => Base64Url.EncodeToString(HMACSHA256.HashData(key, bytes)),
            "HS384" => Base64Url.EncodeToString(HMACSHA384.HashData(key, bytes)),
            "HS512" => Base64Url.EncodeToString(HMACSHA512.HashData(key, bytes)),
            _ => "",
        });
    }

    private static JsonObject Decode(string token, int part) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[part]))!.AsObject();

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
