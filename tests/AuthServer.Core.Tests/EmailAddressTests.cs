namespace AuthServer.Core.Tests;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("a@b.c")]
    [InlineData("ada@example.org")]
    [InlineData("Ada.Lovelace@Mail.Example.Org")]
    [InlineData("ada+auth@example.org")]
    [InlineData("o'neill@example.org")]
    [InlineData("a/b=c_d-e!f#g$h%i&j*k?l^m`n{o|p}q~r@example.org")]
    [InlineData("1@1.example")]
    [InlineData("ada@xn--bcher-kva.example")]
    [InlineData("ada@b\u00FCcher.example")]
    [InlineData("\u00E9mile@example.org")]
    public void Bare_address_is_valid(string text) => Assert.True(EmailAddress.IsValid(text));

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@")]
    [InlineData("ada@")]
    [InlineData("@example.org")]
    [InlineData("ada@example")]
    [InlineData("ada@@example.org")]
    [InlineData("ada@x@example.org")]
    [InlineData("ada@.example.org")]
    [InlineData("ada@example..org")]
    [InlineData("ada@example.org.")]
    [InlineData("ada@.")]
    [InlineData("ada@-example.org")]
    [InlineData("ada@192.0.2.1")]
    [InlineData("ada@[192.0.2.1]")]
    [InlineData("ada@example.org:25")]
    [InlineData("ada@example.org/x")]
    [InlineData(".ada@example.org")]
    [InlineData("ada.@example.org")]
    [InlineData("ada..b@example.org")]
    [InlineData("\"ada\"@example.org")]
    [InlineData("ada(x)@example.org")]
    [InlineData("ada@example.org(x)")]
    [InlineData("ada\\@example.org")]
    [InlineData("Ada <ada@example.org>")]
    [InlineData("<ada@example.org>")]
    [InlineData("ada@example.org,eve@example.org")]
    [InlineData("ada@example.org;eve@example.org")]
    [InlineData("mailto:ada@example.org")]
    public void Text_other_than_one_bare_address_is_refused(string text) => Assert.False(EmailAddress.IsValid(text));

    [Theory]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    [InlineData("\u0085")]
    [InlineData("\u00A0")]
    [InlineData("\u1680")]
    [InlineData("\u2003")]
    [InlineData("\u2028")]
    [InlineData("\u200B")]
    [InlineData("\u202E")]
    [InlineData("\u3000")]
    [InlineData("\u3164")]
    [InlineData("\uFEFF")]
    [InlineData("\uFFFE")]
    public void White_space_or_invisible_character_is_refused_in_any_place(string character) =>
        Assert.All(
            new[]
            {
                $"{character}ada@example.org", $"a{character}da@example.org", $"ada{character}@example.org",
                $"ada@{character}example.org", $"ada@exa{character}mple.org", $"ada@example.org{character}",
            },
            text => Assert.False(EmailAddress.IsValid(text), Some.Codes(text)));

    [Fact]
    public void Half_surrogate_pair_is_refused()
    {
        Assert.False(EmailAddress.IsValid("ada\uD83D@example.org"));
        Assert.False(EmailAddress.IsValid("ada@\uDE00example.org"));
    }

    [Fact]
    public void Local_part_has_up_to_64_characters()
    {
        Assert.True(EmailAddress.IsValid(Some.Times(64, "a") + "@example.org"));
        Assert.False(EmailAddress.IsValid(Some.Times(65, "a") + "@example.org"));
    }

    [Fact]
    public void Address_has_up_to_254_characters()
    {
        // 64 + '@' + three labels of 61 with their dots + "abc"
        var longest = Some.Times(64, "a") + "@" + Some.Times(3, Some.Times(61, "b") + ".") + "abc";

        Assert.Equal(EmailAddress.MaxLength, longest.Length);
        Assert.True(EmailAddress.IsValid(longest));
        Assert.False(EmailAddress.IsValid(longest + "d"));
    }

    [Fact]
    public void Label_of_domain_has_up_to_63_characters()
    {
        Assert.True(EmailAddress.IsValid("ada@" + Some.Times(63, "b") + ".org"));
        Assert.False(EmailAddress.IsValid("ada@" + Some.Times(64, "b") + ".org"));
    }
}
