using FsCheck;
using FsCheck.Fluent;

namespace AuthServer.Core.Tests;

/// <summary>The form of a genuine refresh token, and the way back from it.</summary>
public sealed class RefreshTokenTests
{
    private static readonly RefreshKeyRing Keys = Some.Keys(1);

    [Fact]
    public void Token_on_wire_stays_as_it_always_was()
    {
        // Made by Python's hmac, hashlib and base64. If this changes, every device is logged out by the update.
        const string Expected = "AQEBI0VniavN7wEjRWeJq83vAQIDBOPAqNhtJ2o8WQhqZiMIzQKNgUTtkZgFCwsX2qwWAcgF";

        Assert.Equal(Expected, new RefreshToken(Some.Session, 0x01020304).Encode(Keys));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(0x01020304u)]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(uint.MaxValue)]
    public void Token_has_each_field_in_place_and_MAC_over_first_22_bytes(uint generation)
    {
        var text = new RefreshToken(Some.Session, generation).Encode(Keys);

        Assert.Equal(72, text.Length);
        Assert.Equal(RefreshToken.EncodedLength, text.Length);
        Assert.Equal(new HandmadeToken { Generation = generation }.ToBytes(), HandmadeToken.Decode(text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void Token_names_key_that_made_it(byte id)
    {
        var text = new RefreshToken(Some.Session, 7).Encode(Some.Keys(id));

        Assert.Equal(new HandmadeToken { KeyId = id, Key = Some.RefreshKey(Some.Key(id)) }.ToString(), text);
        Assert.True(RefreshToken.TryParse(text, Some.Keys(id), out _));
    }

    [Fact]
    public void Token_of_any_session_and_generation_is_read_back() =>
        Always.Holds(500, Tokens.ToArbitrary(), token =>
        {
            Assert.True(RefreshToken.TryParse(token.Encode(Keys), Keys, out var read));
            Assert.Equal(token, read);
        });

    [Fact]
    public void Token_is_derived_not_random() =>
        Always.Holds(500, Tokens.ToArbitrary(), token => Assert.Equal(token.Encode(Keys), token.Encode(Some.Keys(1))));

    [Fact]
    public void Different_tokens_differ_on_wire() =>
        Always.Holds(500, Tokens.Two().ToArbitrary(), pair =>
            Assert.Equal(pair.Item1 == pair.Item2, pair.Item1.Encode(Keys) == pair.Item2.Encode(Keys)));

    // FsCheck's own numbers are small. Here every bit counts, and so do the numbers at the edges.
    private static Gen<uint> Generations =>
        Gen.Frequency(
            (3, Gen.Choose(0, ushort.MaxValue).Two().Select(half => ((uint)half.Item1 << 16) | (uint)half.Item2)),
            (1, Gen.Elements(0u, 1u, uint.MaxValue - 1, uint.MaxValue)));

    private static Gen<RefreshToken> Tokens =>
        from bytes in Gen.Choose(0, byte.MaxValue).ArrayOf(16)
        from generation in Generations
        select new RefreshToken(new Guid(Array.ConvertAll(bytes, b => (byte)b)), generation);
}
