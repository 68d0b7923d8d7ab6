namespace AuthServer.Tests.Support;

/// <summary>Text that is not one JSON object in UTF-8, or that readers take for different objects. Source: RFC 8259.</summary>
internal static class JsonForgeries
{
    private const string ByteOrderMark = "\u00ef\u00bb\u00bf";

    private static readonly string[] Behind =
    [
        " ", "\n", "\t", "\r\n", "\0", "{}", "}", "]", ",", "x", "\u00ff", "//", "/**/", "\n{}", " null", ".", ByteOrderMark,
    ];

    private static readonly string[] InFront =
        [" ", "\n", "\0", "{}", ",", "x", "\u00ff", "/**/", "//\n", ")]}',\n", ByteOrderMark];

    // Lone surrogates, overlong forms, surrogates in UTF-8, more than Unicode has, a sequence cut off.
    private static readonly string[] WrongText =
    [
        "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud800\\u0041", "x\\uDBFF", "\\u12", "\\x41", "\\a", "\\'",
        "\u0001", "\n", "\u00ff", "\u00c0\u00af", "\u00e0\u0080\u00af", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080",
        "\u00e2\u0082", "\u0080",
    ];

    /// <param name="part">The name of the part, for messages.</param>
    /// <param name="json">The genuine object.</param>
    /// <param name="text">A member of it whose value is a string.</param>
    /// <param name="word">A member of it that is required.</param>
    public static IEnumerable<ForgedPart> Of(string part, RawObject json, string text, string word)
    {
        var genuine = $"{json}";
        foreach (var behind in Behind)
        {
            yield return new($"{part}: bytes behind JSON", Shown(behind), genuine + behind);
        }

        foreach (var before in InFront)
        {
            yield return new($"{part}: bytes before JSON", Shown(before), before + genuine);
        }

        foreach (var wrong in WrongText)
        {
            yield return new($"{part}: invalid text in value", Shown(wrong), json.With(text, RawObject.Quoted(wrong)));
            yield return new($"{part}: invalid text in name", Shown(wrong), json.Last(RawObject.Quoted(wrong), "\"x\""));
        }

        foreach (var (name, forged) in NoObjects(genuine).Concat(BrokenSyntax(json, word)))
        {
            yield return new($"{part}: not JSON object", name, forged);
        }
    }

    private static IEnumerable<(string Name, string Text)> NoObjects(string genuine) =>
    [
        ("nothing", ""), ("empty object", "{}"), ("null", "null"), ("true", "true"), ("number", "1"), ("array", "[]"),
        ("text", "\"x\""), ("object in array", $"[{genuine}]"), ("object in object", $"{{\"x\":{genuine}}}"),
        ("object in text", $"\"{genuine.Replace("\"", "\\\"", StringComparison.Ordinal)}\""), ("two objects", genuine + genuine),
        ("cut off", genuine[..^1]), ("cut off in member", genuine[..(genuine.Length / 2)]),
        ("UTF-16", Wide(genuine, "\0")), ("UTF-16 with mark", "\u00ff\u00fe" + Wide(genuine, "\0")),
        ("UTF-32", Wide(genuine, "\0\0\0")),
        ("deep arrays", $"{genuine[..^1]},\"x\":{new string('[', 2000)}{new string(']', 2000)}}}"),
        ("deep objects", $"{genuine[..^1]},\"x\":{string.Concat(Enumerable.Repeat("{\"x\":", 200))}1{new string('}', 200)}}}"),
    ];

    private static IEnumerable<(string Name, string Text)> BrokenSyntax(RawObject json, string word)
    {
        var genuine = $"{json}";
        string[] noValues = ["NaN", "undefined", "True", "0x1", "01", "+1", ".5", "1.", "'x'", "x", ""];
        return
        [
            ("trailing comma", genuine[..^1] + ",}"), ("leading comma", "{," + genuine[1..]),
            ("two commas", json.Joined(":", ",,")), ("no commas", json.Joined(":", " ")), ("semicolons", json.Joined(":", ";")),
            ("equals signs", json.Joined("=", ",")),
            ("two colons", json.Joined("::", ",")), ("comment", genuine[..^1] + "/* x */}"),
            ("line comment", genuine[..^1] + "//\n}"), ("comments between", json.Joined(":/**/", ",")),
            ("single quotes", genuine.Replace('"', '\'')),
            ("unquoted name", $"{json.Renamed(word, word)}"), ("name without value", genuine[..^1] + ",\"x\"}"),
            ("name that is number", genuine[..^1] + ",1:1}"), ("value without name", genuine[..^1] + ",1}"),
            ("form feed", json.Joined(":", "\f,")), ("no-break space", json.Joined(":\u00c2\u00a0", ",")),
            .. noValues.Select(value => ($"value {value}", $"{json.Last("\"x\"", value)}")),
        ];
    }

    private static string Wide(string text, string behindEach) => string.Concat(text.Select(c => c + behindEach));

    private static string Shown(string text) =>
        string.Concat(text.Select(c => c is > ' ' and < '\u007f' ? $"{c}" : $"<{(int)c:x2}>"));
}
