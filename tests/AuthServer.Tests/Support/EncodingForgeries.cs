using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Tests.Support;

/// <summary>Other spellings of a token's text. Source: RFC 7515 §2 and §7.1.</summary>
[SuppressMessage("Security", "CA5394", Justification = "The same numbers each time, so that a failure can be repeated.")]
internal static class EncodingForgeries
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int Tamperings = 200;

    private static readonly string[] Parts = ["header", "payload", "signature"];

    public static IEnumerable<ForgedToken> Of(RawObject header, RawObject payload, byte[] key)
    {
        // Two spare bits at the end of one part, four at the end of the other, and bytes that need both - and _.
        var texts = Padded(header, payload);
        string[] genuine = Forgery.Sign(texts.Header, texts.Payload, key).Split('.');

        // White space behind a header's value is none of the value (RFC 9110 §5.5), so it gets lost behind the signature.
        return
        [
            .. Parts.SelectMany((part, index) => Spellings(genuine[index])
                .Where(spelling => index < 2 || spelling.Text.AsSpan().TrimEnd(" \t").Length == spelling.Text.Length)
                .Select(spelling => new ForgedToken(
                    spelling.Family, $"{part}: {spelling.Name}", Joined(genuine, index, spelling.Text, key)))),
            .. Shapes(genuine).Select(shape => new ForgedToken("encoding: other parts", shape.Name, shape.Token)),
            .. Signatures(genuine, key).Select(shape => new ForgedToken("encoding: other signature", shape.Name, shape.Token)),
        ];
    }

    /// <summary>A genuine token with one character of it replaced, removed or added.</summary>
    public static IEnumerable<ForgedToken> Tampered(string genuine, Random random)
    {
        for (var i = 0; i < Tamperings; i++)
        {
            var (at, letter) = (random.Next(genuine.Length), Alphabet[random.Next(Alphabet.Length)]);
            var token = (i % 4) switch
            {
                0 => genuine.Remove(at, 1),
                1 => genuine.Insert(at, $"{letter}"),
                _ => genuine.Remove(at, 1).Insert(at, genuine[at] == letter ? "." : $"{letter}"),
            };
            yield return new ForgedToken("encoding: tampered with", $"{i} at {at}", token);
        }
    }

    private static (string Header, string Payload) Padded(RawObject header, RawObject payload)
    {
        var text = $"{payload.With("name", RawObject.Bytes("\"ÿÿÿ~~~???ÿÿ\""))}";
        while (Encoding.Latin1.GetByteCount(text) % 3 != 1)
        {
            text = text[..^1] + " }";
        }

        var head = $"{header}";
        while (Encoding.Latin1.GetByteCount(head) % 3 != 2)
        {
            head = head[..^1] + " }";
        }

        return (head, text);
    }

    // Signed again if the signed part was spelled otherwise, so that the signature is right.
    private static string Joined(string[] genuine, int index, string text, byte[] key) => index switch
    {
        0 => Forgery.SignEncoded(text, genuine[1], key),
        1 => Forgery.SignEncoded(genuine[0], text, key),
        _ => $"{genuine[0]}.{genuine[1]}.{text}",
    };

    private static IEnumerable<(string Family, string Name, string Text)> Spellings(string part)
    {
        foreach (var padding in new[] { "=", "==", "===", "%3D", "%3d%3d", "A", "AAAA", "-" })
        {
            yield return ("encoding: padding", $"behind {padding}", part + padding);
        }

        foreach (var space in new[] { " ", "\t", "  ", "%20", "+", "\u00a0", "\u200b", "\u3000" })
        {
            yield return ("encoding: white space", $"<{(int)space[0]:x}> in front", space + part);
            yield return ("encoding: white space", $"<{(int)space[0]:x}> behind", part + space);
            yield return ("encoding: white space", $"<{(int)space[0]:x}> within", part.Insert(part.Length / 2, space));
        }

        // 2 characters encode 1 byte and 4 spare bits, 3 characters encode 2 bytes and 2 spare bits.
        var last = Alphabet.IndexOf(part[^1], StringComparison.Ordinal);
        var spare = (part.Length % 4) switch { 2 => 16, 3 => 4, _ => 1 };
        for (var bits = 1; bits < spare; bits++)
        {
            yield return ("encoding: spare bits", $"{bits}", part[..^1] + Alphabet[last + bits]);
        }

        if (part.AsSpan().ContainsAny('-', '_'))
        {
            yield return ("encoding: other alphabet", "+ and /", part.Replace('-', '+').Replace('_', '/'));
        }

        foreach (var other in new[] { "!", "\"", "'", ",", "~", "*", "$", "\u00e9", "\uff21", "%41" })
        {
            yield return ("encoding: other alphabet", other, part.Insert(3, other));
        }
    }

    private static IEnumerable<(string Name, string Token)> Shapes(string[] parts)
    {
        var (token, header, payload, signature) = (string.Join('.', parts), parts[0], parts[1], parts[2]);
        return
        [
            ("one", header), ("two", $"{header}.{payload}"), ("four", token + ".AAAA"), ("five", token + ".AAAA.AAAA"),
            ("five, as in JWE", $"{header}....{signature}"), ("no header", $".{payload}.{signature}"),
            ("no payload", $"{header}..{signature}"), ("no signature", $"{header}.{payload}."), ("dot in front", "." + token),
            ("dot behind", token + "."), ("dots", ".."), ("dot", "."), ("two dots between", $"{header}..{payload}.{signature}"),
            ("comma between", $"{header},{payload},{signature}"), ("swapped", $"{payload}.{header}.{signature}"),
            ("in quotes", $"\"{token}\""), ("in angle brackets", $"<{token}>"), ("with scheme", $"Bearer {token}"),
            ("as list", $"{token},{token}"), ("with parameter", token + ";x=1"), ("with comma", token + ","),
            ("URL-encoded dots", token.Replace(".", "%2E", StringComparison.Ordinal)), ("in capitals", token.ToUpperInvariant()),
            ("as JSON", $"{{\"protected\":\"{header}\",\"payload\":\"{payload}\",\"signature\":\"{signature}\"}}"),
        ];
    }

    private static IEnumerable<(string Name, string Token)> Signatures(string[] parts, byte[] key)
    {
        var signed = $"{parts[0]}.{parts[1]}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        byte[] right = HMACSHA256.HashData(key, bytes);
        byte[][] others =
        [
            right[..^1], right[..16], [.. right, 0], [.. right, .. right], new byte[32], new byte[1],
            HMACSHA384.HashData(key, bytes), HMACSHA512.HashData(key, bytes), HMACSHA512.HashData(key, bytes)[..32],
            SHA256.HashData(bytes), SHA256.HashData([.. key, .. bytes]), HMACSHA256.HashData(Array.Empty<byte>(), bytes),
            HMACSHA256.HashData(bytes, key), HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed + ".")),
            HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(parts[1])), [.. right.Reverse()],
        ];
        return
        [
            .. others.Select((other, number) => ($"{number}", $"{signed}.{Forgery.Encode(Encoding.Latin1.GetString(other))}")),
            ("in hexadecimal", $"{signed}.{Convert.ToHexString(right)}"),
            ("encoded twice", $"{signed}.{Forgery.Encode(parts[2])}"),
        ];
    }
}
