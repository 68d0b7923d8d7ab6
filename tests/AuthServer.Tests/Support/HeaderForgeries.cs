namespace AuthServer.Tests.Support;

/// <summary>Headers that the server would not write. Source: RFC 7515 §4.1 for the names of members.</summary>
internal static class HeaderForgeries
{
    private static readonly string[] Members = ["alg", "typ", "kid"];

    private static readonly string[] WrongTypes =
        ["null", "true", "false", "0", "2", "1.5", "[]", "[\"2\"]", "[null]", "{}", "{\"a\":\"2\"}", "\"\""];

    private static readonly Dictionary<string, string[]> WrongValues = new()
    {
        ["alg"] =
        [
            "none", "None", "NONE", "nOnE", "hs256", "HS256 ", " HS256", "HS256\\u0000", "HS384", "HS512", "RS256", "ES256",
            "PS256", "EdDSA", "dir", "A256KW", "HMACSHA256", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        ],
        ["typ"] =
        [
            "JWT", "jwt", "AT+JWT", "at+JWT", "At+jwt", "application/at+jwt", "application/jwt", "at+jwt ", " at+jwt",
            "at+jwt;v=1", "at jwt", "at+jwt\\u0000", "logout+jwt", "dpop+jwt", "id_token",
        ],
        ["kid"] = ["1", "3", "0", "02", "2 ", " 2", "2.0", "2\\u0000", "+2", "1,2", "../2", "\\uff12", "' OR 1=1 --"],
    };

    private static readonly (string Name, string Value)[] Extra =
    [
        ("crit", "[\"exp\"]"), ("crit", "[\"b64\"]"), ("crit", "[\"alg\"]"), ("crit", "[]"), ("crit", "[\"\"]"),
        ("crit", "\"exp\""), ("crit", "null"), ("crit", "{}"), ("b64", "true"), ("b64", "false"),
        ("jku", "\"https://evil.example/jwks.json\""), ("jwk", "{\"kty\":\"oct\",\"k\":\"AAAA\"}"), ("jwk", "null"),
        ("x5u", "\"https://evil.example/x.pem\""), ("x5c", "[\"MIIB\"]"), ("x5c", "[]"), ("x5t", "\"2\""), ("x5t", "\"Mg\""),
        ("x5t#S256", "\"2\""), ("zip", "\"DEF\""), ("cty", "\"JWT\""), ("enc", "\"A256GCM\""), ("epk", "{}"), ("apu", "\"\""),
        ("p2c", "1"), ("iss", "\"http://localhost:5080\""), ("aud", "\"authserver\""), ("sub", "\"x\""), ("exp", "9999999999"),
        ("nonce", "\"x\""), ("url", "\"http://localhost:5080\""), ("ppt", "\"x\""), ("", "\"\""), ("Alg", "\"none\""),
        ("ALG", "\"HS256\""), ("KID", "\"2\""), ("x", "1"),
    ];

    private static readonly (string Name, string Value)[] InsteadOfKid =
    [
        ("x5t", "\"2\""), ("x5t", "\"Mg\""), ("x5t#S256", "\"2\""), ("Kid", "\"2\""), ("jwk", "{\"kid\":\"2\"}"), ("x", "\"2\""),
    ];

    public static IEnumerable<ForgedPart> Of(RawObject header)
    {
        foreach (var member in Members)
        {
            foreach (var part in OfMember(header, member))
            {
                yield return part;
            }
        }

        foreach (var (name, value) in Extra)
        {
            yield return new("header: extra member", $"{name} {value}", header.Last(RawObject.Quoted(name), value));
        }

        foreach (var (name, value) in InsteadOfKid)
        {
            var forged = header.Without("kid").Last(RawObject.Quoted(name), value);
            yield return new("header: other member in place of kid", $"{name} {value}", forged);
        }
    }

    private static IEnumerable<ForgedPart> OfMember(RawObject header, string member)
    {
        yield return new("header: member absent", member, header.Without(member));
        foreach (var value in WrongTypes)
        {
            yield return new("header: wrong type", $"{member} {value}", header.With(member, value));
        }

        foreach (var value in WrongValues[member])
        {
            yield return new("header: wrong value", $"{member} {value}", header.With(member, RawObject.Quoted(value)));
        }

        foreach (var value in new[] { header[member], "\"x\"", "null", "[]" })
        {
            var name = RawObject.Quoted(member);
            yield return new("header: duplicate member", $"{name} {value} first", header.First(name, value));
            yield return new("header: duplicate member", $"{name} {value} last", header.Last(name, value));
        }

        foreach (var spelling in ForgedPart.SpellingsOf(member))
        {
            yield return new("header: name spelled otherwise", spelling, header.Renamed(member, spelling));
            yield return new("header: name twice, once spelled otherwise", spelling, header.Last(spelling, header[member]));
        }
    }
}
