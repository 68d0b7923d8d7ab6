namespace AuthServer.Core.Tests;

public sealed class RootKeyRingTests
{
    private static readonly RefreshToken Token = new(Some.Session, 7);

    [Fact]
    public void Ring_without_keys_is_refused()
    {
        var exception = Assert.Throws<ArgumentException>("keys", () => new RootKeyRing(new Dictionary<byte, byte[]>()));
        Assert.StartsWith(
            "At least one key is needed, and each must have 32 bytes or more.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    public void Key_under_32_bytes_is_refused_though_other_is_long_enough(int length)
    {
        Assert.Throws<ArgumentException>(() => Ring((1, Some.Key(1, length))));
        Assert.Throws<ArgumentException>(() => Ring((1, Some.Key(1)), (2, Some.Key(2, length))));
        Assert.Throws<ArgumentException>(() => Ring((1, Some.Key(1, length)), (2, Some.Key(2))));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(200)]
    public void Key_of_32_bytes_or_more_is_used_to_its_last_byte(int length)
    {
        var key = Some.Key(1, length);

        Assert.Equal(new HandmadeToken { Key = Some.RefreshKey(key) }.ToString(), Token.Encode(Ring((1, key))));
        Assert.NotEqual(Token.Encode(Ring((1, key))), Token.Encode(Ring((1, [.. key[..^1], 0xFF]))));
    }

    [Fact]
    public void Key_above_highest_that_makes_tokens_verifies()
    {
        var keys = new Dictionary<byte, byte[]> { [1] = Some.Key(1), [2] = Some.Key(2) };
        var both = new RefreshKeyRing(new RootKeyRing(keys));
        var first = new RefreshKeyRing(new RootKeyRing(keys, highest: 1));
        Assert.Equal((2, 1), (both.Current, first.Current));
        Assert.True(RefreshToken.TryParse(Token.Encode(both), first, out var token));
        Assert.Equal(Token, token);
        Assert.Throws<ArgumentException>(() => new RootKeyRing(keys, highest: 0));
    }

    [Fact]
    public void Key_serves_many_threads_at_once()
    {
        var keys = Ring((1, Some.Key(1)));
        Parallel.For(0, 20_000, generation =>
        {
            var text = new HandmadeToken { Generation = (uint)generation }.ToString();
            Assert.Equal(text, new RefreshToken(Some.Session, (uint)generation).Encode(keys));
            Assert.True(RefreshToken.TryParse(text, keys, out var token));
            Assert.Equal((uint)generation, token.Generation);
        });
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(0, 255)]
    [InlineData(255, 254)]
    public void Highest_id_makes_tokens_in_any_order_of_keys(byte one, byte other)
    {
        var newest = Math.Max(one, other);
        var ring = Some.Keys(one, other);

        Assert.Equal(newest, ring.Current);
        var expected = new HandmadeToken { KeyId = newest, Key = Some.RefreshKey(Some.Key(newest)) };
        Assert.Equal(expected.ToString(), Token.Encode(ring));
    }

    [Fact]
    public void Older_key_verifies_while_newest_makes_tokens()
    {
        var old = Token.Encode(Some.Keys(1));
        var both = Some.Keys(1, 2);

        Assert.True(RefreshToken.TryParse(old, both, out var read));
        Assert.Equal(Token, read);
        Assert.NotEqual(old, Token.Encode(both));
    }

    [Fact]
    public void Token_of_removed_key_is_refused() =>
        Assert.False(RefreshToken.TryParse(Token.Encode(Some.Keys(1)), Some.Keys(2), out _));

    [Fact]
    public void Ring_keeps_its_keys_when_callers_copy_changes()
    {
        var key = Some.Key(1);
        var ring = Ring((1, key));
        var before = Token.Encode(ring);

        Array.Clear(key);

        Assert.Equal(before, Token.Encode(ring));
    }

    private static RefreshKeyRing Ring(params (byte Number, byte[] Key)[] keys) =>
        new(new RootKeyRing(keys.ToDictionary(k => k.Number, k => k.Key)));
}
