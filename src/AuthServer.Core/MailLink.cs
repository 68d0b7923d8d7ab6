using System.Buffers.Binary;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// The content of a link in a mail. On the wire it is base64url over a <see cref="SealedValue"/>, so its text discloses nothing.
/// The secret begins with the kind (1 byte). The ids of mail, user, security stamp and session follow (16 each), then the end in
/// Unix milliseconds (8, big-endian), and the address in UTF-8.
/// </summary>
/// <param name="Kind">The kind of mail.</param>
/// <param name="MailId">The mail.</param>
/// <param name="UserId">The account.</param>
/// <param name="SecurityStamp">The security stamp of the account, so that a change of credentials makes the link void.</param>
/// <param name="SessionId">The session that asked; empty if the request had none.</param>
/// <param name="Address">The address that the mail was sent to.</param>
/// <param name="EndsAt">The moment from which the link is refused, in whole milliseconds.</param>
public sealed record MailLink(
    MailKind Kind, Guid MailId, Guid UserId, Guid SecurityStamp, Guid SessionId, string Address, DateTimeOffset EndsAt)
{
    /// <summary>The moment of the request for the mail.</summary>
    public DateTimeOffset AskedAt => EndsAt - (MailKinds.LifetimeOf(Kind) ?? TimeSpan.Zero);

    private const int MailIdAt = 1;
    private const int UserIdAt = 17;
    private const int StampAt = 33;
    private const int SessionIdAt = 49;
    private const int EndsAtAt = 65;
    private const int AddressAt = 73;

    // Three bytes of UTF-8 for each character of an address.
    private const int Longest = AddressAt + (3 * EmailAddress.MaxLength);

    private static readonly SealedPlace Place = new("link", "", "", "");

    /// <summary>Seals the link for the wire, under the root key that creates.</summary>
    /// <param name="nonce">Random bytes of <see cref="SealedValue.NonceLength"/> that were used for no other value.</param>
    /// <param name="root">The root keys.</param>
    public string Seal(ReadOnlySpan<byte> nonce, RootKeyRing root)
    {
        var address = Encoding.UTF8.GetBytes(Address);
        var bytes = new byte[AddressAt + address.Length];
        bytes[0] = (byte)Kind;
        MailId.TryWriteBytes(bytes.AsSpan(MailIdAt), bigEndian: true, out _);
        UserId.TryWriteBytes(bytes.AsSpan(UserIdAt), bigEndian: true, out _);
        SecurityStamp.TryWriteBytes(bytes.AsSpan(StampAt), bigEndian: true, out _);
        SessionId.TryWriteBytes(bytes.AsSpan(SessionIdAt), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(EndsAtAt), EndsAt.ToUnixTimeMilliseconds());
        address.CopyTo(bytes, AddressAt);
        return SealedText.Seal(bytes, Place, nonce, root);
    }

    /// <summary>Opens a link. Null for any text that is none, was changed, or has reached its end.</summary>
    /// <param name="text">The text as given.</param>
    /// <param name="root">The root keys.</param>
    /// <param name="now">The moment.</param>
    public static MailLink? Open(string text, RootKeyRing root, DateTimeOffset now)
    {
        if (SealedText.Open(text, Longest, Place, root) is not { } bytes)
        {
            return null;
        }

        var link = new MailLink(
            (MailKind)bytes[0],
            new Guid(bytes.AsSpan(MailIdAt, 16), bigEndian: true),
            new Guid(bytes.AsSpan(UserIdAt, 16), bigEndian: true),
            new Guid(bytes.AsSpan(StampAt, 16), bigEndian: true),
            new Guid(bytes.AsSpan(SessionIdAt, 16), bigEndian: true),
            Encoding.UTF8.GetString(bytes.AsSpan(AddressAt)),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(EndsAtAt))));
        return now < link.EndsAt ? link : null;
    }
}
