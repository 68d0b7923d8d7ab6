using System.Buffers.Binary;
using System.Text;

namespace AuthServer.Core;

/// <summary>Purpose of a challenge. The numbers are sealed in challenges.</summary>
public enum ChallengePurpose
{
    /// <summary>To log in by a second factor.</summary>
    LogIn = 1,

    /// <summary>To set up the second factor that the account's roles need.</summary>
    SetUp = 2,
}

/// <summary>
/// A login whose first factor was right, as its client carries it to the second step. The bytes begin with the purpose (1). The
/// ids of challenge, user, security stamp and mail follow (16 each). Then come the methods so far (4) and the end in Unix
/// milliseconds (8), both big-endian, and the device name in UTF-8.
/// </summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Id">The id, which is spent by the session that opens.</param>
/// <param name="UserId">The account.</param>
/// <param name="SecurityStamp">The security stamp of the account when the first factor was proved.</param>
/// <param name="Methods">The methods of the first factor.</param>
/// <param name="MailId">The mail whose link was the first factor; null for any other.</param>
/// <param name="DeviceName">The user's name for the device; null for none.</param>
/// <param name="EndsAt">The moment from which it is refused, in whole milliseconds.</param>
public sealed record SecondFactorChallenge(
    ChallengePurpose Purpose,
    Guid Id,
    Guid UserId,
    Guid SecurityStamp,
    AuthenticationMethods Methods,
    Guid? MailId,
    string? DeviceName,
    DateTimeOffset EndsAt)
{
    /// <summary>Time for which a challenge counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int IdAt = 1;
    private const int UserIdAt = 17;
    private const int StampAt = 33;
    private const int MailIdAt = 49;
    private const int MethodsAt = 65;
    private const int EndsAtAt = 69;
    private const int NameAt = 77;

    // Four bytes of UTF-8 for each code point of a name.
    private const int Longest = NameAt + (4 * DisplayText.MaxLength);

    private static readonly SealedPlace Place = new("second factor challenge", "", "", "");

    /// <summary>Seals the challenge for the wire.</summary>
    /// <param name="nonce">Random bytes of <see cref="SealedValue.NonceLength"/> that were used for no other value.</param>
    /// <param name="root">The root keys.</param>
    public string Seal(ReadOnlySpan<byte> nonce, RootKeyRing root)
    {
        var name = Encoding.UTF8.GetBytes(DeviceName ?? "");
        var bytes = new byte[NameAt + name.Length];
        bytes[0] = (byte)Purpose;
        Id.TryWriteBytes(bytes.AsSpan(IdAt), bigEndian: true, out _);
        UserId.TryWriteBytes(bytes.AsSpan(UserIdAt), bigEndian: true, out _);
        SecurityStamp.TryWriteBytes(bytes.AsSpan(StampAt), bigEndian: true, out _);
        (MailId ?? Guid.Empty).TryWriteBytes(bytes.AsSpan(MailIdAt), bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(MethodsAt), (int)Methods);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(EndsAtAt), EndsAt.ToUnixTimeMilliseconds());
        name.CopyTo(bytes, NameAt);
        return SealedText.Seal(bytes, Place, nonce, root);
    }

    /// <summary>Opens a challenge. Null for any text that is none, was changed, is of another purpose, or is over.</summary>
    /// <param name="text">The text as given.</param>
    /// <param name="purpose">The purpose that it is used for.</param>
    /// <param name="root">The root keys.</param>
    /// <param name="now">The moment.</param>
    public static SecondFactorChallenge? Open(string text, ChallengePurpose purpose, RootKeyRing root, DateTimeOffset now)
    {
        if (SealedText.Open(text, Longest, Place, root) is not { } bytes)
        {
            return null;
        }

        var mail = IdOf(bytes, MailIdAt);
        var challenge = new SecondFactorChallenge(
            (ChallengePurpose)bytes[0],
            IdOf(bytes, IdAt),
            IdOf(bytes, UserIdAt),
            IdOf(bytes, StampAt),
            (AuthenticationMethods)BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(MethodsAt)),
            mail == Guid.Empty ? null : mail,
            bytes.Length == NameAt ? null : Encoding.UTF8.GetString(bytes.AsSpan(NameAt)),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(EndsAtAt))));
        return challenge.Purpose == purpose && now < challenge.EndsAt ? challenge : null;
    }

    private static Guid IdOf(byte[] bytes, int at) => new(bytes.AsSpan(at, 16), bigEndian: true);
}
