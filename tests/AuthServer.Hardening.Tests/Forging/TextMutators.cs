namespace AuthServer.Hardening.Tests.Forging;

/// <summary>Changes of a token's text, for tokens of any kind. Source for spellings: RFC 7515 §2.</summary>
internal static class TextMutators
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int LongTextLength = 8000;

    private static readonly string[] Additions =
    [
        "=", "==", "===", "%3D", " ", "\t", "\r\n", "\0", "\u00a0", "\u200b", "\u3000", "\ufeff", "+", "/", ".", "..", ",", ";",
        "%", "\"", "'", "\\", "\\u0000", "é", "Ａ", "🦊", "A", "AAAA", "-", "_",
    ];

    private static readonly string[] Frames =
        ["\"{0}\"", "'{0}'", "<{0}>", "[{0}]", "Bearer {0}", "{\"token\":\"{0}\"}", "{\"a\":{\"a\":[\"{0}\"]}}"];

    public static IReadOnlyList<Mutator> All { get; } =
    [
        new("bit", (text, _, random) => Replace(text, random, letter => (char)(letter ^ (1 << random.Next(7))))),
        new("letter", (text, _, random) => Replace(text, random, _ => Alphabet[random.Next(Alphabet.Length)])),
        new("letter of any script", (text, _, random) => Replace(text, random, _ => (char)random.Next(1, 0xD800))),
        new("look-alike", (text, _, random) => Replace(text, random, letter => letter is > ' ' and < '\x7f'
            ? (char)(letter + 0xFEE0)
            : letter)),
        new("other case", (text, _, random) => Replace(text, random, letter =>
            char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter))),
        new("swap", Swap),
        new("removal", (text, _, random) => text.Length == 0 ? text : text.Remove(random.Next(text.Length), 1)),
        new("truncation", (text, _, random) => text[..random.Next(text.Length + 1)]),
        new("truncation in front", (text, _, random) => text[random.Next(text.Length + 1)..]),
        new("addition", (text, _, random) => text.Insert(random.Next(text.Length + 1), Of(Additions, random))),
        new("addition in front", (text, _, random) => Of(Additions, random) + text),
        new("addition behind", (text, _, random) => text + Of(Additions, random)),
        new("last letter", (text, _, _) => text.Length == 0 ? text : text[..^1] + NextLetter(text[^1])),
        new("percent", (text, _, random) => ReplaceBy(text, random, letter => Uri.HexEscape((char)(letter & 0x7f)))),
        new("escape", (text, _, random) => ReplaceBy(text, random, letter => $"\\u{(int)letter:x4}")),
        new("standard alphabet", (text, _, _) => text.Replace('-', '+').Replace('_', '/')),
        new("capitals", (text, _, _) => text.ToUpperInvariant()),
        new("reversal", (text, _, _) => new string([.. text.Reverse()])),
        new("twice", (text, _, random) => text + Of(["", ",", ".", " ", ";"], random) + text),
        new("with another", (text, material, random) => text + Of(["", ",", ".", " "], random) + material.Another),
        new("splice", (text, material, random) =>
        {
            var at = random.Next(Math.Min(text.Length, material.Another.Length) + 1);
            return text[..at] + material.Another[at..];
        }),
        new("splice with other kind", (text, material, random) =>
        {
            var at = random.Next(Math.Min(text.Length, material.OtherKind.Length) + 1);
            return text[..at] + material.OtherKind[at..];
        }),
        new("frame", (text, _, random) => Of(Frames, random).Replace("{0}", text, StringComparison.Ordinal)),
        new("long", (text, _, random) => text + new string(Alphabet[random.Next(Alphabet.Length)], LongTextLength)),
        new("random letters", (text, _, random) => new string(random.GetItems<char>(Alphabet, text.Length))),
    ];

    private static T Of<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    private static char NextLetter(char letter) =>
        Alphabet[(Alphabet.IndexOf(letter, StringComparison.Ordinal) + 1) % Alphabet.Length];

    private static string Replace(string text, Random random, Func<char, char> change) =>
        ReplaceBy(text, random, letter => $"{change(letter)}");

    private static string ReplaceBy(string text, Random random, Func<char, string> change)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var at = random.Next(text.Length);
        return text[..at] + change(text[at]) + text[(at + 1)..];
    }

    private static string Swap(string text, Material material, Random random)
    {
        if (text.Length < 2)
        {
            return text;
        }

        var letters = text.ToCharArray();
        var (first, second) = (random.Next(letters.Length), random.Next(letters.Length));
        (letters[first], letters[second]) = (letters[second], letters[first]);
        return new string(letters);
    }
}
