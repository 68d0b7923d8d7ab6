namespace AuthServer.Core.Tests;

/// <summary>Forged refresh tokens: each is refused, and none throws.</summary>
public sealed class RefreshTokenForgeryTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly RefreshKeyRing Keys = Some.Keys(1, 2);

    // Contains both characters that only the URL alphabet has.
    private static readonly string Genuine = Enumerable.Range(0, 1000)
        .Select(generation => new HandmadeToken { Generation = (uint)generation }.ToString())
        .First(text => text.Contains('-', StringComparison.Ordinal) && text.Contains('_', StringComparison.Ordinal));

    [Fact]
    public void Handmade_token_is_genuine() => Assert.True(RefreshToken.TryParse(Genuine, Keys, out _));

    [Fact]
    public void Flip_of_any_single_bit_is_refused()
    {
        var bytes = HandmadeToken.Decode(Genuine);
        var accepted = Enumerable.Range(0, bytes.Length * 8).Where(bit =>
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            return RefreshToken.TryParse(HandmadeToken.Encode(flipped), Keys, out _);
        });

        Assert.Equal(432, bytes.Length * 8);
        Assert.Empty(accepted);
    }

    [Fact]
    public void Replacement_of_any_character_within_alphabet_is_refused()
    {
        var accepted =
            from at in Enumerable.Range(0, Genuine.Length)
            from letter in Alphabet
            where letter != Genuine[at] && RefreshToken.TryParse(Replace(at, letter), Keys, out _)
            select (at, letter);

        Assert.Empty(accepted);
    }

    [Fact]
    public void Replacement_of_any_character_from_outside_alphabet_is_refused()
    {
        // All of Latin-1, then white space, look-alikes and surrogates.
        var strangers = Enumerable.Range(0, 256).Select(code => (char)code).Except(Alphabet)
            .Concat("\u0141\u2003\u2028\u2212\u3000\uFEFF\uFF21\uFF3F\uFFFE\uFFFF").Append('\uD83D').Append('\uDE00');
        var accepted =
            from letter in strangers
            from at in Enumerable.Range(0, Genuine.Length)
            where RefreshToken.TryParse(Replace(at, letter), Keys, out _)
            select (at, (int)letter);

        Assert.Empty(accepted);
    }

    [Fact]
    public void Truncation_to_any_length_is_refused() =>
        Assert.All(Enumerable.Range(0, Genuine.Length), length =>
        {
            AssertRefused(Genuine[..length]);
            AssertRefused(Genuine[^length..]);
        });

    [Theory]
    [InlineData("A")]
    [InlineData("AA")]
    [InlineData("AAAA")]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData("%")]
    [InlineData("\0")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\u00A0")]
    [InlineData("\u200B")]
    public void Token_with_text_before_inside_or_after_it_is_refused(string more)
    {
        AssertRefused(more + Genuine);
        AssertRefused(Genuine + more);
        AssertRefused(Genuine.Insert(36, more));
    }

    [Theory]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData("%")]
    [InlineData("%%")]
    [InlineData(" ")]
    [InlineData("    ")]
    [InlineData("\r\n\t ")]
    public void Text_of_right_length_that_decodes_to_fewer_bytes_is_refused(string filler)
    {
        AssertRefused(Genuine[..^filler.Length] + filler);
        AssertRefused(filler + Genuine[filler.Length..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("not a token")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlIG9mIG5vYm9keQ")]
    public void Text_that_is_no_token_is_refused(string text) => AssertRefused(text);

    [Theory]
    [InlineData("A")]
    [InlineData("=")]
    [InlineData(" ")]
    [InlineData("+")]
    [InlineData("é")]
    [InlineData("\u0000")]
    [InlineData("\uFF21")]
    public void Text_of_right_length_and_one_letter_is_refused(string letter) => AssertRefused(Some.Times(72, letter));

    [Fact]
    public void Token_in_standard_alphabet_is_refused()
    {
        AssertRefused(Genuine.Replace('-', '+'));
        AssertRefused(Genuine.Replace('_', '/'));
        AssertRefused(Genuine.Replace('-', '+').Replace('_', '/'));
    }

    [Fact]
    public void Refused_text_leaves_no_token()
    {
        Assert.False(RefreshToken.TryParse(new HandmadeToken { Key = Some.Key(99) }.ToString(), Keys, out var token));
        Assert.Equal(default, token);
    }

    [Fact]
    public void Token_under_foreign_key_is_refused() => AssertRefused(new HandmadeToken { Key = Some.Key(99) }.ToString());

    [Fact]
    public void Token_that_names_other_key_than_that_of_its_MAC_is_refused() =>
        AssertRefused(new HandmadeToken { KeyId = 2, Key = Some.RefreshKey(Some.Key(1)) }.ToString());

    [Fact]
    public void Token_of_unknown_key_is_refused_under_any_guessed_key() =>
        Assert.All<byte[]>(
            [Some.Key(1), Some.Key(2), Some.RefreshKey(Some.Key(1)), Some.RefreshKey(Some.Key(3)), [], [0], new byte[32]],
            guess => AssertRefused(new HandmadeToken { KeyId = 3, Key = guess }.ToString()));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public void Token_of_other_version_is_refused_even_with_valid_MAC(byte version) =>
        AssertRefused(new HandmadeToken { Version = version }.ToString());

    private static string Replace(int at, char letter) => string.Concat(Genuine.AsSpan(0, at), [letter], Genuine.AsSpan(at + 1));

    private static void AssertRefused(string text) =>
        Assert.False(RefreshToken.TryParse(text, Keys, out _), $"Accepted: {text} ({Some.Codes(text)})");
}
