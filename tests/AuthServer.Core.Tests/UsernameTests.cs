using System.Globalization;

namespace AuthServer.Core.Tests;

public sealed class UsernameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("ada")]
    [InlineData("Ada Lovelace")]
    [InlineData("o'neill-42_x.y")]
    [InlineData("Ωμέγα")]
    [InlineData("李小龍")]
    [InlineData("e\u0301mile")]
    [InlineData("a\u00A0b")]
    [InlineData("\U0001F600")]
    [InlineData("ada@example.org")]
    [InlineData("Ada.Lovelace+x@mail.example.org")]
    public void Name_that_follows_rule_is_taken_as_given(string name)
    {
        Assert.Equal(name, Username.Parse(name, out var problem)?.Value);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("李")]
    [InlineData("\U0001F600")]
    [InlineData("\U00020000")]
    public void Name_has_up_to_64_code_points_of_any_size(string letter)
    {
        Assert.NotNull(Username.Parse(Some.Times(Username.MaxLength, letter), out _));
        AssertRefused(Some.Times(Username.MaxLength + 1, letter));
        Assert.Equal(64, Username.MaxLength);
    }

    [Fact]
    public void Empty_name_is_refused() => AssertRefused("");

    [Theory]
    [InlineData("\uFDFA", 4)] // 18 code points each
    [InlineData("\uFB03", 22)] // ffi
    [InlineData("\uFB00", 33)] // ff
    public void Name_that_grows_beyond_64_in_normal_form_is_refused(string letter, int count)
    {
        Assert.NotNull(Username.Parse(Some.Times(count - 1, letter), out _));
        AssertRefused(Some.Times(count, letter));
    }

    [Fact]
    public void Name_that_shrinks_to_64_only_in_normal_form_is_refused()
    {
        Assert.Equal(64, Username.Normalize(Some.Times(64, "e\u0301"))?.Length);
        AssertRefused(Some.Times(64, "e\u0301"));
    }

    [Theory]
    [InlineData(":")]
    [InlineData("a:b")]
    [InlineData("a:")]
    [InlineData("a\uFF1Ab")] // fullwidth
    [InlineData("a\uFE55b")] // small
    [InlineData("a\uFE13b")] // vertical
    [InlineData("a\u2A74b")] // double colon equal
    public void Colon_is_refused_even_if_only_normal_form_has_it(string name) => AssertRefused(name);

    [Theory]
    [InlineData("\u0000")]
    [InlineData("\u0007")]
    [InlineData("\t")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\u001F")]
    [InlineData("\u007F")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\u00AD")] // soft hyphen
    [InlineData("\u200B")] // zero-width space
    [InlineData("\u200C")]
    [InlineData("\u200D")]
    [InlineData("\u2060")] // word joiner
    [InlineData("\uFEFF")] // byte order mark
    [InlineData("\u061C")] // Arabic letter mark
    [InlineData("\u200E")]
    [InlineData("\u200F")]
    [InlineData("\u202A")]
    [InlineData("\u202E")] // right-to-left override
    [InlineData("\u2066")]
    [InlineData("\u2069")]
    [InlineData("\u034F")] // combining grapheme joiner
    [InlineData("\u115F")] // Hangul fillers
    [InlineData("\u1160")]
    [InlineData("\u3164")]
    [InlineData("\uFFA0")]
    [InlineData("\u17B4")] // Khmer inherent vowels
    [InlineData("\u17B5")]
    [InlineData("\u180B")] // Mongolian variation selectors
    [InlineData("\u180E")]
    [InlineData("\u180F")]
    [InlineData("\u2800")] // Braille blank
    [InlineData("\uFE00")] // variation selectors
    [InlineData("\uFE0F")]
    [InlineData("\U000E0100")]
    [InlineData("\U000E01EF")]
    [InlineData("\U000E0001")] // tags
    [InlineData("\U000E0041")]
    [InlineData("\U0001D173")] // musical formats
    [InlineData("\U0001BCA0")]
    [InlineData("\uFFF9")]
    [InlineData("\uE000")] // private use
    [InlineData("\U000F0000")]
    [InlineData("\u0378")] // unassigned
    [InlineData("\uFDD0")] // noncharacters
    [InlineData("\uFFFE")]
    [InlineData("\uFFFF")]
    [InlineData("\U0001FFFE")]
    public void Control_or_invisible_character_is_refused_in_any_place(string character)
    {
        AssertRefused(character);
        AssertRefused("a" + character + "b");
        AssertRefused(character + "a");
        AssertRefused("a" + character);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\u00A0")] // no-break
    [InlineData("\u1680")] // Ogham
    [InlineData("\u2003")] // em
    [InlineData("\u202F")] // narrow no-break
    [InlineData("\u205F")]
    [InlineData("\u3000")] // ideographic
    public void Space_is_refused_at_either_end_but_not_between(string space)
    {
        AssertRefused(space);
        AssertRefused(space + "a");
        AssertRefused("a" + space);
        Assert.NotNull(Username.Parse("a" + space + "b", out _));
    }

    [Theory]
    [InlineData("\u00A8a")] // diaeresis: a space and a mark
    [InlineData("\u00B4")] // acute
    [InlineData("\u037A")]
    [InlineData("\uFE49")]
    public void Space_at_front_of_normal_form_is_refused(string name) => AssertRefused(name);

    [Fact]
    public void Half_surrogate_pair_is_refused()
    {
        string[] halves = ["\uD83D", "\uDE00", "a\uD83D", "\uD83Da", "\uDE00\uD83D", "a\uDE00b", "\uD83D\uD83D\uDE00"];

        Assert.All(halves, AssertRefused);
        Assert.All(halves, half => Assert.Null(Username.Normalize(half)));
    }

    [Theory]
    [InlineData("Ada", "ada")]
    [InlineData("ADA", "aDa")]
    [InlineData("\uFF21\uFF44\uFF41", "ada")] // fullwidth
    [InlineData("\uFB01ona", "Fiona")] // ligature
    [InlineData("\u212Aelvin", "kelvin")] // Kelvin sign
    [InlineData("\u212Bngstrom", "\u00E5ngstrom")] // Angstrom sign
    [InlineData("e\u0301mile", "\u00C9mile")] // composed
    [InlineData("J\u030C", "\u01F0")] // composes only in lower case
    [InlineData("\u017Fam", "Sam")] // long s
    [InlineData("\u2460", "1")] // circled
    [InlineData("a\u00A0b", "a b")]
    [InlineData("\u1E9E", "\u00DF")]
    [InlineData("\U00010400", "\U00010428")] // Deseret
    [InlineData("\U0001D400da", "ada")] // mathematical
    [InlineData("Ada@Example.org", "ada@example.ORG")]
    public void Names_that_are_one_account_have_one_normal_form(string one, string other) =>
        Assert.Equal(Parsed(one).Normalized, Parsed(other).Normalized);

    [Theory]
    [InlineData("ada", "\u00E0da")]
    [InlineData("ada", "\u0430da")] // Cyrillic
    [InlineData("ada", "ada1")]
    [InlineData("a b", "ab")]
    [InlineData("a.b", "ab")]
    [InlineData("stra\u00DFe", "strasse")]
    public void Names_that_are_two_accounts_have_two_normal_forms(string one, string other) =>
        Assert.NotEqual(Parsed(one).Normalized, Parsed(other).Normalized);

    [Fact]
    public void Normal_form_is_same_in_culture_with_other_lower_case()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            Assert.Equal("\u0131", "I".ToLower(CultureInfo.CurrentCulture));
            Assert.Equal("ida", Username.Normalize("IDA"));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("ada", false)]
    [InlineData("ada.example.org", false)]
    [InlineData("ada@example.org", true)]
    public void Name_with_at_sign_is_address(string name, bool isEmail) =>
        Assert.Equal(isEmail, Parsed(name).IsEmail);

    [Theory]
    [InlineData("@")]
    [InlineData("ada@")]
    [InlineData("@ada")]
    [InlineData("ada@localhost")]
    [InlineData("ada@@example.org")]
    [InlineData("ada lovelace@example.org")]
    [InlineData("ada@example.org.")]
    [InlineData("ada@exa mple.org")]
    [InlineData("ada\u00A0lovelace@example.org")]
    public void Name_with_at_sign_that_is_no_address_is_refused(string name) => AssertRefused(name);

    // Otherwise the spelling would decide if a name is an address, and a foreign address could be taken as a name.
    [Theory]
    [InlineData("ada\uFF20example.org")] // fullwidth
    [InlineData("ada\uFE6Bexample.org")] // small
    public void Name_that_is_address_only_in_normal_form_is_refused(string name) => AssertRefused(name);

    [Theory]
    [InlineData("Ada@B\u00DCcher.example", "ada@xn--bcher-kva.example")]
    [InlineData("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example")]
    [InlineData("\u00E9@example.org", "\u00E9@example.org")]
    [InlineData("ada@B\u00FCcher..example", "ada@b\u00FCcher..example")]
    [InlineData("Ada@", "ada@")]
    public void Domain_of_address_is_compared_in_ascii(string name, string normal) =>
        Assert.Equal(normal, Username.Normalize(name));

    [Theory]
    [InlineData("ada\0", "Must not have control or invisible characters.")]
    [InlineData("ada\u200B", "Must not have control or invisible characters.")]
    [InlineData("", "Must have 1 to 64 characters.")]
    [InlineData("ada:", "Must not have a colon.")]
    [InlineData(" ada", "Must not begin or end with a space.")]
    [InlineData("ada@x", "A name with an @ must be a valid email address.")]
    [InlineData(" \uFDFA\uFDFA\uFDFA\uFDFA", "Must not begin or end with a space.")] // Its normal form is too long as well.
    public void Problem_is_that_of_name_as_given_first(string name, string expected)
    {
        Assert.Null(Username.Parse(name, out var problem));
        Assert.Equal(expected, problem);
    }

    // Not in a theory, because attributes are stored in UTF-8.
    [Fact]
    public void Problem_of_half_surrogate_pair_is_that_it_is_no_text()
    {
        Assert.Null(Username.Parse("ada\uD83D", out var problem));
        Assert.Equal("Must be Unicode text.", problem);
    }

    private static Username Parsed(string name) =>
        Username.Parse(name, out var problem) ?? throw new ArgumentException($"{Some.Codes(name)}: {problem}", nameof(name));

    private static void AssertRefused(string name)
    {
        var parsed = Username.Parse(name, out var problem);

        Assert.True(parsed is null, $"Accepted: {Some.Codes(name)}");
        Assert.False(string.IsNullOrWhiteSpace(problem));
    }
}
