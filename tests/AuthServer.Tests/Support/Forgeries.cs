using System.Diagnostics.CodeAnalysis;

namespace AuthServer.Tests.Support;

/// <summary>A token that the server would not issue.</summary>
/// <param name="Family">The kind of change.</param>
/// <param name="Name">The change.</param>
/// <param name="Token">The token.</param>
/// <param name="Code">The error of a private route.</param>
/// <param name="NamesSession">True if only the token's age is wrong, so that it may still accompany a refresh token.</param>
public sealed record ForgedToken(
    string Family, string Name, string Token, string Code = "access_token_invalid", bool NamesSession = false);

/// <summary>
/// Forged tokens, nearly all of them signed with the real key. Every member of header and payload is written in the ways that the
/// server does not write it. The changes are the same in each run.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The same numbers each time, so that a failure can be repeated.")]
public static class Forgeries
{
    private const int Combinations = 150;
    private const int Seed = 7519;

    /// <summary>All forgeries of a genuine token of user name <c>ada</c> and key number 1.</summary>
    public static IReadOnlyList<ForgedToken> Of(string genuine, byte[] key)
    {
        var (header, payload) = (HeaderOf(genuine), PayloadOf(genuine));
        var headers = HeaderForgeries.Of(header).Concat(JsonForgeries.Of("header", header, text: "kid", word: "alg")).ToList();
        var payloads = ClaimForgeries.Of(payload)
            .Concat(JsonForgeries.Of("payload", payload, text: "name", word: "iss")).ToList();
        return
        [
            .. headers.Select(part => new ForgedToken(part.Family, part.Name, Forgery.Sign(part.Text, $"{payload}", key))),
            .. payloads.Select(part => new ForgedToken(part.Family, part.Name, Forgery.Sign($"{header}", part.Text, key))),
            .. ClaimForgeries.OutOfTime(payload).Select(part => new ForgedToken(
                part.Family, part.Name, Forgery.Sign($"{header}", part.Text, key), part.Code, NamesSession: true)),
            .. Combine(headers, payloads, key),
            .. EncodingForgeries.Of(header, payload, key),
            .. EncodingForgeries.Tampered(genuine, new Random(Seed)),
        ];
    }

    /// <summary>Tokens that the server does not issue in this very form, and that are right all the same.</summary>
    public static IEnumerable<(string Name, string Token)> Genuine(string genuine, byte[] key)
    {
        var (header, payload) = (HeaderOf(genuine), PayloadOf(genuine));
        foreach (var (name, text) in ClaimForgeries.Genuine(payload))
        {
            yield return (name, Forgery.Sign($"{header}", text, key));
        }

        yield return ("header in another order", Forgery.Sign($"{header.Reversed()}", $"{payload}", key));
        yield return (
            "white space between members", Forgery.Sign(header.Joined(" : ", ",\r\n "), payload.Joined("\t: ", " , "), key));
    }

    private static RawObject HeaderOf(string token) => RawObject.Of(new Forgery(token).Header);

    private static RawObject PayloadOf(string token) => RawObject.Of(new Forgery(token).Payload);

    private static IEnumerable<ForgedToken> Combine(List<ForgedPart> headers, List<ForgedPart> payloads, byte[] key)
    {
        var random = new Random(Seed);
        for (var i = 0; i < Combinations; i++)
        {
            var (header, payload) = (headers[random.Next(headers.Count)], payloads[random.Next(payloads.Count)]);
            yield return new ForgedToken(
                "combination", $"{header.Name}; {payload.Name}", Forgery.Sign(header.Text, payload.Text, key));
        }
    }
}
