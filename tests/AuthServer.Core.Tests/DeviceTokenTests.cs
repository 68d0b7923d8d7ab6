using System.Security.Cryptography;

namespace AuthServer.Core.Tests;

/// <summary>Device tokens: their form, forged ones, and the ways in which they end.</summary>
public sealed class DeviceTokenTests
{
    private static readonly DateTimeOffset Now = Some.Login;
    private static readonly Guid Device = Guid.Parse("fedcba98-7654-3210-fedc-ba9876543210");
    private static readonly Guid User = Some.Session;
    private static readonly Guid Stamp = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly DeviceKeyRing Keys = KeysOf(1);
    private static readonly string Genuine = DeviceToken.Issue(Device, User, Stamp, Now, Keys).Encode(Keys);

    [Fact]
    public void Token_on_wire_has_each_field_in_place()
    {
        // By hand from the contract of the class, as another program would make it.
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Some.Key(1), 32, info: "authserver device tokens"u8.ToArray());
        var device = Convert.FromHexString(Device.ToString("N"));
        byte[] stamped = [.. device, .. Convert.FromHexString(Stamp.ToString("N"))];
        var tag = HMACSHA256.HashData(key, stamped)[..16];
        byte[] named =
        [
            1, 1, .. device, .. Convert.FromHexString(User.ToString("N")),
            .. Convert.FromHexString(Now.ToUnixTimeSeconds().ToString("x16", System.Globalization.CultureInfo.InvariantCulture)),
            .. tag,
        ];

        Assert.Equal(HandmadeToken.Encode([.. named, .. HMACSHA256.HashData(key, named)]), Genuine);
        Assert.Equal(DeviceToken.EncodedLength, Genuine.Length);
    }

    [Fact]
    public void Token_is_read_back()
    {
        var read = DeviceToken.Parse(Genuine, Keys, Now)!;

        Assert.Equal((Device, User, Now), (read.DeviceId, read.UserId, read.IssuedAt));
        Assert.True(read.IsOf(User, Stamp, Keys));
        Assert.Equal(Genuine, read.Encode(Keys));
    }

    [Fact]
    public void Token_is_none_of_another_account_or_after_change_of_credentials()
    {
        var read = DeviceToken.Parse(Genuine, Keys, Now)!;

        Assert.False(read.IsOf(Guid.NewGuid(), Stamp, Keys));
        Assert.False(read.IsOf(User, Guid.NewGuid(), Keys));
    }

    [Fact]
    public void Token_ends_after_180_days()
    {
        Assert.NotNull(DeviceToken.Parse(Genuine, Keys, Now.AddDays(180).AddTicks(-1)));
        Assert.Null(DeviceToken.Parse(Genuine, Keys, Now.AddDays(180)));
    }

    [Fact]
    public void Token_of_older_key_is_read_while_key_is_there()
    {
        Assert.True(DeviceToken.Parse(Genuine, KeysOf(1, 2), Now)!.IsOf(User, Stamp, KeysOf(1, 2)));
        Assert.Null(DeviceToken.Parse(Genuine, KeysOf(2), Now));
    }

    [Fact]
    public void Flip_of_any_single_bit_is_refused()
    {
        var bytes = HandmadeToken.Decode(Genuine);
        var accepted = Enumerable.Range(0, bytes.Length * 8).Where(bit =>
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            return DeviceToken.Parse(HandmadeToken.Encode(flipped), Keys, Now) is not null;
        });

        Assert.Empty(accepted);
    }

    [Fact]
    public void Other_text_of_same_bytes_is_refused() => Assert.All(
        [
            "", " ", Genuine + " ", " " + Genuine, Genuine + "=", Genuine[..60] + "\n" + Genuine[60..], Genuine[..^1],
            Genuine + "A", Genuine[..^1] + " ", Genuine[..^4] + "    ", Genuine[..^2] + "==", Genuine[..^1] + "\u20ac",
            Genuine + Genuine,
        ],
        text => Assert.Null(DeviceToken.Parse(text, Keys, Now)));

    [Fact]
    public void Token_under_refresh_key_itself_is_refused()
    {
        var bytes = HandmadeToken.Decode(Genuine);
        HMACSHA256.HashData(Some.RefreshKey(Some.Key(1)), bytes[..58]).CopyTo(bytes, 58);

        Assert.Null(DeviceToken.Parse(HandmadeToken.Encode(bytes), Keys, Now));
    }

    private static DeviceKeyRing KeysOf(params byte[] numbers) => new(Some.Roots(numbers));
}
