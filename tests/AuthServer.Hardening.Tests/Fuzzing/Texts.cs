namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Texts and numbers that programs handle wrongly.</summary>
internal static class Texts
{
    /// <summary>Texts of unusual characters and lengths.</summary>
    public static IReadOnlyList<string> Strange { get; } =
    [
        "", " ", "\t", "\0", "\u0001", "\u007f", "\u0085", "\u00a0", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b",
        "\u200d", "\u202e", "\u2028", "\u2066", "\u3164", "\ufeff", "\ufffd", "\uffff", "\ud800", "\udfff", "\ud83d\ude00",
        "e\u0301", "\u0130", "ß", "ǅ", "ﬁ", "K", "Å", "\u1e9e", "ﷺ", "가", "\u1100\u1161", "ａｄａ", "٣", "👨‍👩‍👧‍👦",
        "a\u0300\u0301\u0302\u0303", "null", "undefined", "NaN", "true", "0", "-1", "1e309", "admin", "ada@example.org",
        "ada@münchen.example", "@", "a@b", ":", "../../etc/passwd", "..\\..\\", "%00", "%2e%2e%2f", "%", "${jndi:ldap://x}",
        "{{7*7}}", "<script>alert(1)</script>", "' OR 1=1 --", "\"; DROP TABLE users; --", "\r\nSet-Cookie: x=y", "x\nx", "\\",
        "\\u0000", "[]", "{}", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
        "2026-13-45T99:99:99Z", new('a', 65), new('a', 300), new('é', 3000), new('\u0301', 2000), new('9', 400),
    ];

    /// <summary>Values of JSON in the form in which they are written.</summary>
    public static IReadOnlyList<string> Json { get; } =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e5", "1e309", "-1e309", "99999999999999999999999", "1E-400", "01",
        "+1", ".5", "0x10", "NaN", "Infinity", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "'a'",
        "[]", "{}", "[null]", "[[]]", "[\"a\",1]", "{\"a\":{}}", "{\"a\":1,\"a\":2}", "{\"$type\":\"System.Object\"}",
        "{\"__proto__\":{}}", "", "undefined", "// comment\n1", "/* comment */1", "1,", "[1,]", "{\"a\":1,}", "\"unfinished",
        "[", "{", "]", "}", ":", ",", Deep("[", "]", 60), Deep("[", "]", 70), Deep("[", "]", 3000),
        Deep("{\"a\":", "}", 1000, "1"), Deep("[", "", 5000),
    ];

    private static string Deep(string open, string close, int depth, string inner = "") =>
        string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));
}
