using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>Properties of user names of any characters.</summary>
public sealed class UsernamePropertyTests
{
    private const int Cases = 2000;

    // Characters that NFKC composes or decomposes, that have case, that the rule names, that are invisible, and that are no text.
    private static readonly string[] Pieces =
    [
        "A", "J", "\u030C", "\u0301", "\u0345", "\u0307", "\u0130", "\u0131", "\u1E9E", "\u03A3", "\u212A", "\uFB01", "\uFF21",
        "\uFF1A", "\uFF20", "\uFF0E", "\uFDFA", "\u00A8", "\u00A0", "\u3000", "\u1100", "\u1161", "\u3164", "\u200D", "\u2126",
        "@", ".", ":", " ", "\U00010400", "\U0001F600", "\U0001D400", "\U0001D15E", "\uFFFE", "\uD83D", "\uDE00",
    ];

    private static Arbitrary<string> Texts { get; } = Arb.From(
        Gen.Frequency(
            (3, Gen.Choose('a', 'z').Select(code => ((char)code).ToString()).ArrayOf()),
            (4, Gen.Frequency(
                (12, Gen.Choose('A', 'z').Select(code => ((char)code).ToString())),
                (2, Gen.Elements(Pieces)),
                (1, Gen.Choose(0, char.MaxValue).Select(code => ((char)code).ToString()))).ArrayOf()),
            (2, Gen.Elements(Pieces).ArrayOf()))
            .Select(string.Concat),
        text => Enumerable.Range(0, text.Length).Select(at => text.Remove(at, 1)));

    [Fact]
    public void Normal_form_of_normal_form_is_itself() =>
        Always.Holds(Cases, Texts, text => Assert.True(IsStable(text), Some.Codes(text)));

    [Fact]
    public void Normal_form_of_every_code_point_is_stable() =>
        Assert.All(EveryCodePoint(), rune => Assert.True(IsStable(rune.ToString()), $"U+{rune.Value:X}"));

    [Fact]
    public void Normal_form_of_valid_name_is_valid_name_with_same_normal_form() =>
        Always.Holds(Cases, Texts, text =>
        {
            if (Username.Parse(text, out _) is not { } name)
            {
                return;
            }

            var again = Username.Parse(name.Normalized, out var problem);
            Assert.True(again is not null, $"{Some.Codes(text)} has the normal form {Some.Codes(name.Normalized)}: {problem}");
            Assert.Equal(name.Normalized, again.Normalized);
            Assert.Equal(name.IsEmail, again.IsEmail);
        });

    [Fact]
    public void Valid_name_follows_rule_in_both_forms() =>
        Always.Holds(Cases, Texts, text =>
        {
            if (Username.Parse(text, out _) is { } name)
            {
                Assert.All([name.Value, name.Normalized], KeepsTheRule);
            }
        });

    [Fact]
    public void Generated_texts_are_valid_names_often_enough()
    {
        var names = Texts.Generator.Sample(1000, new Rnd(20), 50).Count(text => Username.Parse(text, out _) is not null);

        Assert.InRange(names, 200, 900);
    }

    private static bool IsStable(string text) =>
        Username.Normalize(text) is not { } normal || Username.Normalize(normal) == normal;

    private static IEnumerable<Rune> EveryCodePoint() =>
        Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(code => new Rune(code));

    private static void KeepsTheRule(string name)
    {
        Assert.InRange(name.EnumerateRunes().Count(), 1, 64);
        Assert.DoesNotContain(':', name);
        Assert.DoesNotContain(name, char.IsControl);
        Assert.DoesNotContain(name, "\u00AD\u200B\u200D\u202E\u3164\uFEFF".Contains);
        Assert.Equal(name.Trim(), name);
    }
}
