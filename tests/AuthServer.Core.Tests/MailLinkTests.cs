namespace AuthServer.Core.Tests;

public sealed class MailLinkTests
{
    private static readonly DateTimeOffset EndsAt = new(2026, 1, 1, 12, 30, 0, TimeSpan.Zero);
    private static readonly byte[] Nonce = Some.Key(9, SealedValue.NonceLength);
    private static readonly MailLink Link = new(
        MailKind.ResetPassword, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "ádá@example.com", EndsAt);

    private static DateTimeOffset Before => EndsAt - TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Link_opens_as_it_was_sealed_and_discloses_nothing()
    {
        var text = Link.Seal(Nonce, Some.Roots(1));
        Assert.Equal(Link, MailLink.Open(text, Some.Roots(1), Before));
        Assert.DoesNotContain("example", text, StringComparison.Ordinal);
        Assert.Matches("^[A-Za-z0-9_-]+$", text);
    }

    [Fact]
    public void Link_is_over_at_its_end()
    {
        var text = Link.Seal(Nonce, Some.Roots(1));
        Assert.NotNull(MailLink.Open(text, Some.Roots(1), Before));
        Assert.Null(MailLink.Open(text, Some.Roots(1), EndsAt));
    }

    [Fact]
    public void Link_with_any_character_changed_does_not_open()
    {
        var text = Link.Seal(Nonce, Some.Roots(1));
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in "AQgw_-9=+/ \n")
            {
                var changed = text[..i] + other + text[(i + 1)..];
                Assert.True(changed == text || MailLink.Open(changed, Some.Roots(1), Before) is null, $"{i} {other}");
            }
        }
    }

    [Fact]
    public void Text_beside_link_does_not_open()
    {
        var text = Link.Seal(Nonce, Some.Roots(1));
        string[] others = ["", " ", text + "A", text[..^1], text + "=", " " + text, text + "\n", new('A', 100_000)];
        Assert.All(others, other => Assert.Null(MailLink.Open(other, Some.Roots(1), Before)));
    }

    [Fact]
    public void Link_opens_under_its_root_key_alone()
    {
        var text = Link.Seal(Nonce, Some.Roots(1));
        Assert.Equal(Link, MailLink.Open(text, Some.Roots(1, 2), Before));
        Assert.Null(MailLink.Open(text, Some.Roots(2), Before));
    }

    [Fact]
    public void Longest_address_fits()
    {
        var link = Link with { Address = new string('é', 64) + "@" + new string('é', EmailAddress.MaxLength - 65) };
        Assert.Equal(link, MailLink.Open(link.Seal(Nonce, Some.Roots(1)), Some.Roots(1), Before));
    }
}
