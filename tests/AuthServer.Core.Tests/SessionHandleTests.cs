namespace AuthServer.Core.Tests;

/// <summary>The form of a session handle. <see cref="RefreshTokenForgeryTests"/> has its forgeries, by the same code.</summary>
public sealed class SessionHandleTests
{
    private static readonly SessionHandleKeyRing Keys = new(Some.Roots(1, 2));

    [Fact]
    public void Handle_on_wire_stays_as_it_always_was()
    {
        // Made by Python's hmac, hashlib and base64. If this changes, every browser is logged out by the update.
        const string Expected = "AQEBI0VniavN7wEjRWeJq83vAQIDBOhpG4lZJyQohuDJfc5-GK2NEF6IFE_wMtGq3SoKVACr";

        var handle = new SessionHandle(Some.Session, 0x01020304);
        Assert.Equal(Expected, handle.Encode(new(Some.Roots(1))));
        Assert.True(SessionHandle.TryParse(Expected, Keys, out var read));
        Assert.Equal(handle, read);
    }

    [Fact]
    public void Handle_and_refresh_token_are_forged_for_each_other()
    {
        var handle = new SessionHandle(Some.Session, 7).Encode(Keys);
        var token = new RefreshToken(Some.Session, 7).Encode(Some.Keys(1, 2));
        Assert.Equal(SessionHandle.EncodedLength, handle.Length);
        Assert.False(RefreshToken.TryParse(handle, Some.Keys(1, 2), out _));
        Assert.False(SessionHandle.TryParse(token, Keys, out _));
    }

    [Fact]
    public void Handle_of_other_key_or_form_is_refused()
    {
        var handle = new SessionHandle(Some.Session, 7).Encode(Keys);
        Assert.False(SessionHandle.TryParse(handle, new(Some.Roots(1)), out _));
        Assert.All(
            new[] { "", handle[1..], handle + "=", " " + handle, handle[..^1] + '\u00e9', null },
            text => Assert.False(SessionHandle.TryParse(text, Keys, out _)));
    }
}
