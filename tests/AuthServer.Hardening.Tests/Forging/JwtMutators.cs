using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Forging;

/// <summary>Changes of a JWT by a forger who does not have its key.</summary>
internal static class JwtMutators
{
    private static readonly string[] Headers =
    [
        "{\"alg\":\"none\",\"typ\":\"at+jwt\"}", "{\"alg\":\"NONE\",\"kid\":\"1\",\"typ\":\"at+jwt\"}", "{}", "[]", "null", "",
        "{\"alg\":\"HS256\",\"kid\":\"1\",\"typ\":\"JWT\"}", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS512\",\"kid\":\"1\",\"typ\":\"at+jwt\"}", "{\"alg\":\"RS256\",\"kid\":\"1\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"kid\":\"1\",\"typ\":\"at+jwt\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"},\"typ\":\"at+jwt\"}",
        "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"at+jwt\"}",
    ];

    private static readonly (string Claim, string Value)[] Claims =
    [
        ("admin", "true"), ("roles", "[\"admin\"]"), ("exp", "9999999999"), ("exp", "1e99"), ("iat", "-1"), ("aud", "\"*\""),
        ("aud", "[\"authserver\",\"x\"]"), ("iss", "\"https://evil.example\""), ("sub", "null"), ("sub", "{}"), ("sid", "[]"),
        ("nbf", "9999999999"), ("name", "{\"name\":{\"name\":[[[[[]]]]]}}"), ("auth_time", "\"now\""), ("amr", "\"pwd\""),
        ("preferred_username", "\"\\ud800\""), ("jti", "99999999999999999999999999999999"), ("groups", "[[],{},null]"),
    ];

    private static readonly byte[][] GuessedKeys =
        [[], [0], new byte[32], new byte[64], "1"u8.ToArray(), "secret"u8.ToArray(), "authserver"u8.ToArray()];

    public static IReadOnlyList<Mutator> All { get; } =
    [
        OfParts("other header", (parts, _, random) => parts[0] = Forgery.Encode(Of(Headers, random))),
        OfParts("other header, no signature", (parts, _, random) =>
            (parts[0], parts[2]) = (Forgery.Encode(Of(Headers, random)), "")),
        OfParts("header of other kind", (parts, material, _) => parts[0] = material.OtherKind),
        OfParts("payload of another", (parts, material, _) => parts[1] = material.Another.Split('.')[1]),
        OfParts("signature of another", (parts, material, _) => parts[2] = material.Another.Split('.')[2]),
        OfParts("header as payload", (parts, _, _) => (parts[0], parts[1]) = (parts[1], parts[0])),
        OfParts("nested", (parts, _, _) => parts[1] = Forgery.Encode(string.Join('.', parts))),
        OfParts("other claim", (parts, _, random) =>
        {
            var (claim, value) = Of(Claims, random);
            parts[1] = ChangePayload(parts[1], payload => payload.With(claim, value));
        }),
        OfParts("claim twice", (parts, _, random) =>
        {
            var (claim, value) = Of(Claims, random);
            parts[1] = ChangePayload(parts[1], payload => payload.First(RawObject.Quoted(claim), value));
        }),
        OfParts("signature under guessed key", (parts, material, random) =>
        {
            byte[][] keys = [.. GuessedKeys, .. parts.Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes(material.OtherKind)];
            var signed = Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}");
            parts[2] = Base64Url.EncodeToString(random.Next(3) switch
            {
                0 => HMACSHA512.HashData(Of(keys, random), signed),
                1 => SHA256.HashData(signed),
                _ => HMACSHA256.HashData(Of(keys, random), signed),
            });
        }),
        new("part missing", (text, _, random) =>
            string.Join('.', text.Split('.').Where((_, part) => part != random.Next(3)))),
        new("part more", (text, _, random) => text + "." + text.Split('.')[0]),
    ];

    private static T Of<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    private static Mutator OfParts(string name, Action<string[], Material, Random> change) =>
        new(name, (text, material, random) =>
        {
            var parts = text.Split('.');
            if (parts.Length == 3)
            {
                change(parts, material, random);
            }

            return string.Join('.', parts);
        });

    // A payload that an earlier change has made unreadable stays as it is.
    private static string ChangePayload(string payload, Func<RawObject, RawObject> change)
    {
        try
        {
            return Forgery.Encode($"{change(RawObject.Of(new Forgery($"{payload}.{payload}").Payload))}");
        }
        catch (Exception exception) when (exception is FormatException or System.Text.Json.JsonException
            or InvalidOperationException or ArgumentException)
        {
            return payload;
        }
    }
}
