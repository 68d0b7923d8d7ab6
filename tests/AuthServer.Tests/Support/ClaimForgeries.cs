using System.Globalization;

namespace AuthServer.Tests.Support;

/// <summary>Payloads that the server would not write, though each is one JSON object.</summary>
internal static class ClaimForgeries
{
    // The last one that DateTimeOffset has.
    private const long LatestSecond = 253402300799;

    private static readonly (string Name, string Type)[] Required =
    [
        ("iss", "text"), ("aud", "text"), ("sub", "id"), ("client_id", "text"), ("iat", "seconds"), ("exp", "seconds"),
        ("jti", "text"), ("sid", "id"), ("preferred_username", "text"), ("name", "text"), ("roles", "texts"), ("admin", "flag"),
        ("auth_time", "seconds"), ("amr", "texts"),
    ];

    private static readonly (string Name, string Type)[] Optional =
        [("nbf", "seconds"), ("email", "text"), ("email_verified", "flag")];

    private static readonly string[] Ids = ["sub", "sid"];

    private static readonly string[] Times = ["iat", "exp", "nbf", "auth_time"];

    // Each with the type that it is right for.
    private static readonly (string Value, string Type)[] Values =
    [
        ("null", ""), ("true", "flag"), ("false", "flag"), ("0", "seconds"), ("1.5", ""), ("-1", ""), ("1e3", ""),
        ("\"\"", "text"), ("\"text\"", "text"), ("\"true\"", "text"), ("\"1\"", "text"), ("\"[]\"", "text"), ("[]", "texts"),
        ("[\"text\"]", "texts"), ("[1]", ""), ("[null]", ""), ("[true]", ""), ("[[]]", ""), ("[[\"text\"]]", ""), ("[{}]", ""),
        ("[\"text\",1]", ""), ("{}", ""), ("{\"0\":\"text\"}", ""),
    ];

    private static readonly string[] WrongIssuers =
    [
        "http://localhost:5080/", "HTTP://localhost:5080", "http://LOCALHOST:5080", "http://localhost:5081",
        "https://localhost:5080", "http://localhost", "http://localhost:05080", " http://localhost:5080",
        "http://localhost:5080 ", "http://localhost:5080#", "http://localhost:5080?", "http://localhost%3A5080",
        "//localhost:5080", "http://user@localhost:5080", "http://localhost:5080\\u0000",
    ];

    private static readonly string[] WrongAudiences =
    [
        "authserver/", "authserver//", "/authserver", "Authserver", "AUTHSERVER", " authserver", "authserver ",
        "authserver\\u0000", "authserver,another", "authserver another", "another", "auth\\u200bserver", "authserve",
        "authserverr", "*",
    ];

    private static readonly string[] ArraysOfAudiences =
        ["[\"authserver\"]", "[\"authserver\",\"x\"]", "[\"x\",\"authserver\"]", "[\"authserver\",\"authserver\"]"];

    public static IEnumerable<ForgedPart> Of(RawObject payload) =>
    [
        .. Required.SelectMany(claim => OfRequired(payload, claim.Name, claim.Type)),
        .. Optional.SelectMany(claim => OfOptional(payload, claim.Name, claim.Type)),
        .. WrongIssuers.Select(value => Changed("claim: iss spelled otherwise", payload, "iss", RawObject.Quoted(value))),
        .. WrongAudiences.Select(value => Changed("claim: aud spelled otherwise", payload, "aud", RawObject.Quoted(value))),
        .. ArraysOfAudiences.Select(value => Changed("claim: aud as array", payload, "aud", value)),
        .. Ids.SelectMany(claim => OtherIds(payload[claim])
            .Select(value => Changed("claim: id spelled otherwise", payload, claim, value))),
        .. OfTimes(payload),
        .. OfOthers(payload),
    ];

    /// <summary>Payloads that are right except for their age, with the error of a private route.</summary>
    public static IEnumerable<(string Family, string Name, string Text, string Code)> OutOfTime(RawObject payload)
    {
        var now = Seconds(payload["iat"]);
        (string, long)[] expired =
            [("exp", 0), ("exp", 1), ("exp", now - 1), ("exp", now), ("iat", 0), ("iat", 1), ("iat", now - 20)];
        foreach (var (claim, value) in expired)
        {
            yield return ("claim: expired", $"{claim} {value}", $"{payload.With(claim, $"{value}")}", "access_token_expired");
        }

        foreach (var iat in new[] { now + 6, now + 3600, LatestSecond })
        {
            yield return ("claim: iat ahead", $"iat {iat}", $"{payload.With("iat", $"{iat}")}", "access_token_invalid");
        }
    }

    /// <summary>Payloads that are right.</summary>
    public static IEnumerable<(string Name, string Text)> Genuine(RawObject payload)
    {
        var now = Seconds(payload["iat"]);
        return
        [
            ("as issued", $"{payload}"),
            ("in another order", $"{payload.Reversed()}"),
            ("Korean names", $"{payload.With("name", Raw("김철수")).With("preferred_username", Raw("철수"))}"),
            ("Korean name in escapes", $"{payload.With("name", "\"\\uae40\\ucca0\\uC218\"")}"),
            ("name beyond the first plane", $"{payload.With("name", Raw("𝒜da 🦊"))}"),
            ("name beyond the first plane in escapes", $"{payload.With("name", "\"\\ud83e\\udd8a\"")}"),
            ("name with quotes and slashes", $"{payload.With("name", "\"\\\"A\\\\d\\/a\\\"\"")}"),
            ("several roles", $"{payload.With("roles", "[\"admin\",\"editor\"]").With("admin", "true")}"),
            ("begun", $"{payload.With("nbf", $"{now}")}"),
            ("begun long ago", $"{payload.With("nbf", "0")}"),
            ("proof of the user", $"{payload.With("auth_time", $"{now}").With("amr", "[\"pwd\",\"otp\"]")}"),
            ("verified address", $"{payload.With("email", "\"ada@example.com\"").With("email_verified", "true")}"),
            ("other texts", $"{payload.With("tier", "\"gold\"").With("groups", "[\"a\",\"b\"]").Last(Raw("등급"), Raw("금"))}"),
            ("other numbers", $"{payload.With("seats", "7").With("balance", "-7.5e-3").With("beta", "false")}"),
            ("as many other claims as an account may have", $"{Others(payload, 32)}"),
        ];
    }

    private static IEnumerable<ForgedPart> OfRequired(RawObject payload, string claim, string type)
    {
        yield return new("claim: absent", claim, payload.Without(claim));
        foreach (var (value, _) in Values.Where(value => value.Type != type))
        {
            yield return Changed("claim: wrong type", payload, claim, value);
        }

        foreach (var value in new[] { payload[claim], "null", "\"x\"", "[]" })
        {
            yield return new("claim: duplicate", $"{claim} {value} first", payload.First(RawObject.Quoted(claim), value));
            yield return new("claim: duplicate", $"{claim} {value} last", payload.Last(RawObject.Quoted(claim), value));
        }

        foreach (var spelling in ForgedPart.SpellingsOf(claim))
        {
            yield return new("claim: name spelled otherwise", spelling, payload.Renamed(claim, spelling));
        }

        foreach (var spelling in ForgedPart.SpellingsOf(claim).Where(name => name.Contains('\\', StringComparison.Ordinal)))
        {
            yield return new("claim: name twice, once in escapes", spelling, payload.Last(spelling, payload[claim]));
        }
    }

    private static IEnumerable<ForgedPart> OfOptional(RawObject payload, string claim, string type)
    {
        foreach (var (value, _) in Values.Where(value => value.Type != type))
        {
            yield return Changed("claim: optional one of wrong type", payload, claim, value);
        }

        var right = Values.First(value => value.Type == type).Value;
        yield return new("claim: duplicate", $"{claim} {right}", payload.With(claim, right).Last(RawObject.Quoted(claim), right));
        yield return new("claim: duplicate", $"{claim} null", payload.With(claim, right).Last(RawObject.Quoted(claim), "null"));
    }

    private static IEnumerable<string> OtherIds(string quoted)
    {
        var id = Guid.Parse(quoted.Trim('"'));
        return new[]
        {
            $"{id:D}".ToUpperInvariant(), $"{id:N}", $"{id:B}", $"{id:P}", $"{id:X}", $"urn:uuid:{id}", $" {id}", $"{id} ",
            $"{id}\\u0000", $"{id}"[..^1], $"{id}0", "\\u0030" + $"{id}"[1..], $"{id}".Replace('-', '_'),
            $"{id}".Insert(1, "\\u200b"), $"{id}{id}", "1",
        }.Select(RawObject.Quoted);
    }

    private static IEnumerable<ForgedPart> OfTimes(RawObject payload)
    {
        var now = Seconds(payload["iat"]);
        return
        [
            .. new[] { now + 1, now + 3600, LatestSecond }.Select(nbf => Changed("claim: nbf ahead", payload, "nbf", $"{nbf}")),
            .. Times.SelectMany(claim => OtherNumbers(claim == "exp" ? now + 20 : now)
                .Select(value => Changed("claim: number spelled otherwise", payload, claim, value))),
        ];
    }

    private static IEnumerable<string> OtherNumbers(long seconds) =>
    [
        $"\"{seconds}\"", $"{seconds}.0", $"{seconds}.5", $"{seconds}e0", $"{seconds}E+0", $"{seconds}0e-1", $"-{seconds}", "-0",
        $"+{seconds}", $"0{seconds}", $"[{seconds}]", "1e400", "-1e400", "1E9", "9223372036854775808", "18446744073709551617",
        "253402300800", new string('9', 400), "NaN", "Infinity", "0x7fffffff", "\"2026-01-01T12:00:00Z\"",
        $"{{\"$date\":{seconds}}}",
    ];

    private static IEnumerable<ForgedPart> OfOthers(RawObject payload)
    {
        foreach (var value in Values.Where(value => value.Type.Length == 0 && value.Value is not ("1.5" or "-1" or "1e3")))
        {
            yield return Changed("claim: another of wrong type", payload, "tier", value.Value);
        }

        string[] unreadable =
            ["\"\\ud800\"", "[\"\\ud800\"]", "\"\u00ff\"", "[\"\u00ff\"]", "1e400", "-1e400", new string('9', 400)];
        foreach (var value in unreadable)
        {
            yield return Changed("claim: another that can't be read", payload, "tier", value);
        }

        yield return new("claim: duplicate", "tier", payload.With("tier", "1").Last("\"tier\"", "1"));
        var apart = Others(payload.First("\"tier\"", "1"), 20).Last("\"tier\"", "\"x\"");
        yield return new("claim: duplicate", "tier far apart", apart);
        yield return new("claim: too many others", "33", Others(payload, 33));
        yield return new("claim: too many others", "1000", Others(payload, 1000));
    }

    private static string Raw(string text) => RawObject.Bytes(RawObject.Quoted(text));

    private static RawObject Others(RawObject payload, int count) =>
        Enumerable.Range(0, count).Aggregate(payload, (all, number) => all.Last($"\"other{number}\"", "true"));

    private static ForgedPart Changed(string family, RawObject payload, string claim, string value) =>
        new(family, $"{claim} {(value.Length < 60 ? value : $"of {value.Length} characters")}", payload.With(claim, value));

    private static long Seconds(string value) => long.Parse(value, CultureInfo.InvariantCulture);
}
