namespace AuthServer.Core.Tests;

public sealed class DisplayTextTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" \t\r\n\u00A0\u3000 ")]
    public void Text_of_white_space_alone_is_null_without_problem(string? text)
    {
        Assert.Null(DisplayText.Parse(text, out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("  Ada Lovelace\n", "Ada Lovelace")]
    [InlineData("\u00A0Ada\u3000", "Ada")]
    [InlineData("Ada's \u201Cphone\u201D: Nr. 1 <3", "Ada's \u201Cphone\u201D: Nr. 1 <3")]
    [InlineData("\u05E2\u05D3\u05D4 \u0639\u062F\u0629", "\u05E2\u05D3\u05D4 \u0639\u062F\u0629")]
    [InlineData("\U0001F468\u200D\U0001F467 \u2764\uFE0F", "\U0001F468\u200D\U0001F467 \u2764\uFE0F")]
    public void Text_is_kept_without_white_space_around_it(string text, string kept)
    {
        Assert.Equal(kept, DisplayText.Parse(text, out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\U0001F600")]
    public void Text_has_up_to_64_code_points_after_trimming(string letter)
    {
        var longest = Some.Times(64, letter);

        Assert.Equal(longest, DisplayText.Parse($"  {longest}  ", out _));
        AssertRefused(longest + letter);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\u0007")]
    [InlineData("\t")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\u001B")]
    [InlineData("\u007F")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\u061C")]
    [InlineData("\u200E")]
    [InlineData("\u200F")]
    [InlineData("\u202A")]
    [InlineData("\u202D")]
    [InlineData("\u202E")]
    [InlineData("\u2066")]
    [InlineData("\u2068")]
    [InlineData("\u2069")]
    public void Control_character_or_change_of_direction_is_refused(string character) => AssertRefused("a" + character + "b");

    [Fact]
    public void Half_surrogate_pair_is_refused()
    {
        AssertRefused("a\uD83D");
        AssertRefused("\uDE00b");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Łódź 🎉 \\u001b", "Łódź 🎉 \\u001b")]
    [InlineData("a\u001b[2J\nb\u202e", "a\\u001b[2J\\u000ab\\u202e")]
    public void Escaped_text_shows_what_terminal_would_obey(string text, string expected) =>
        Assert.Equal(expected, DisplayText.Escape(text));

    [Theory]
    [InlineData("Firefox", 64, "Firefox")]
    [InlineData("Firefox", 4, "Fire")]
    [InlineData("Fire\r\nfox\u202E", 64, "Firefox")]
    [InlineData("\0Fire\u001Bfox", 5, "Firef")]
    [InlineData("\U0001F98A\U0001F98A\U0001F98A", 2, "\U0001F98A\U0001F98A")]
    [InlineData("Firefox", 0, "")]
    public void Clip_removes_what_rule_refuses_and_shortens_rest(string text, int length, string clipped) =>
        Assert.Equal(clipped, DisplayText.Clip(text, length));

    private static void AssertRefused(string text)
    {
        Assert.Null(DisplayText.Parse(text, out var problem));
        Assert.False(string.IsNullOrWhiteSpace(problem), $"Accepted: {Some.Codes(text)}");
    }
}
