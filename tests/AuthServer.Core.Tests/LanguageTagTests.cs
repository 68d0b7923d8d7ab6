namespace AuthServer.Core.Tests;

/// <summary>Language tags of accounts. Source: RFC 5646 appendix A.</summary>
public sealed class LanguageTagTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("ko")]
    [InlineData("ko-KR")]
    [InlineData("zh-Hant-TW")]
    [InlineData("zh-cmn-Hans-CN")]
    [InlineData("sl-rozaj-biske")]
    [InlineData("de-CH-1901")]
    [InlineData("es-419")]
    [InlineData("de-CH-x-phonebk")]
    [InlineData("en-US-u-islamcal")]
    [InlineData("en-a-myext-b-another")]
    [InlineData("abcdefgh-Latn-GB-abcdefgh-abcdefgh")]
    public void Tag_of_usual_form_is_accepted(string tag) => Assert.True(LanguageTag.IsWellFormed(tag));

    [Theory]
    [InlineData("")]
    [InlineData("e")]
    [InlineData("en_GB")]
    [InlineData("en-")]
    [InlineData("en\n")]
    [InlineData("en GB")]
    [InlineData("de-419-DE")]
    [InlineData("a-DE")]
    [InlineData("en-a")]
    [InlineData("\u212Ao")]
    [InlineData("abcdefghi")]
    [InlineData("abcdefgh-Latn-GB-abcdefgh-abcdefghi")]
    [InlineData("abcdefgh-Latn-GB-abcdefgh-abcdefgh-x")]
    [InlineData("en-GB-abcdefgh-abcdefgh-abcdefgh-abc")]
    public void Other_text_is_refused(string text) => Assert.False(LanguageTag.IsWellFormed(text));
}
