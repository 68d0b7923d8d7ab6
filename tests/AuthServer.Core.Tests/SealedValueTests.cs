namespace AuthServer.Core.Tests;

public sealed class SealedValueTests
{
    private static readonly byte[] Secret = Some.Key(7);
    private static readonly byte[] Nonce = Some.Key(9, SealedValue.NonceLength);
    private static readonly SealedPlace Place = new("access keys", "3", "ada", "ES256");

    /// <summary>Places that differ from <see cref="Place"/> in one part, or only in where a part ends.</summary>
    public static TheoryData<string, string, string, string> OtherPlaces => new()
    {
        { "second factors", "3", "ada", "ES256" },
        { "access keys", "4", "ada", "ES256" },
        { "access keys", "3", "bob", "ES256" },
        { "access keys", "3", "ada", "HS256" },
        { "access keys", "3a", "da", "ES256" },
        { "access keys", "", "3ada", "ES256" },
        { "access keys", "3", "", "adaES256" },
    };

    [Fact]
    public void Value_opens_in_its_place()
    {
        var value = SealedValue.Seal(Secret, Place, Nonce, Some.Roots(1));
        Assert.Equal(Secret, SealedValue.Open(value, Place, Some.Roots(1)));
        Assert.Equal(1 + 12 + 16 + Secret.Length, value.Length);
        Assert.Equal(1, SealedValue.RootOf(value));
        Assert.Equal(-1, value.AsSpan().IndexOf(Secret.AsSpan(0, 8)));
    }

    [Theory]
    [MemberData(nameof(OtherPlaces))]
    public void Value_opens_in_no_other_place(string purpose, string row, string owner, string algorithm)
    {
        var value = SealedValue.Seal(Secret, Place, Nonce, Some.Roots(1));
        Assert.Null(SealedValue.Open(value, new SealedPlace(purpose, row, owner, algorithm), Some.Roots(1)));
    }

    [Fact]
    public void Value_opens_under_older_root_key_and_is_sealed_under_newest()
    {
        var old = SealedValue.Seal(Secret, Place, Nonce, Some.Roots(1));
        var both = Some.Roots(1, 2);
        Assert.Equal(Secret, SealedValue.Open(old, Place, both));
        Assert.Equal(2, SealedValue.RootOf(SealedValue.Seal(Secret, Place, Nonce, both)));
        Assert.Null(SealedValue.Open(old, Place, Some.Roots(2)));
    }

    [Fact]
    public void Value_with_any_bit_changed_does_not_open()
    {
        var value = SealedValue.Seal(Secret, Place, Nonce, Some.Roots(1));
        var roots = Some.Roots(0, 1, 2, 3, 5, 9, 17, 33, 65, 129);
        for (var bit = 0; bit < value.Length * 8; bit++)
        {
            byte[] changed = [.. value];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(SealedValue.Open(changed, Place, roots));
        }
    }

    [Fact]
    public void Value_cut_to_any_length_does_not_open()
    {
        var value = SealedValue.Seal(Secret, Place, Nonce, Some.Roots(1));
        for (var length = 0; length < value.Length; length++)
        {
            Assert.Null(SealedValue.Open(value.AsSpan(0, length), Place, Some.Roots(1)));
        }

        Assert.Equal(-1, SealedValue.RootOf([]));
    }
}
