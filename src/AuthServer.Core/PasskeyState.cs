using System.Buffers.Binary;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// Purposes of a ceremony with a passkey. A state of one is refused for all others. The numbers are on the wire.
/// </summary>
public enum PasskeyPurpose
{
    /// <summary>Adds a passkey to the account of a session.</summary>
    Register = 1,

    /// <summary>Opens a session without a user name.</summary>
    LogIn = 2,

    /// <summary>Answers the challenge of a login that needs a second factor.</summary>
    SecondFactor = 3,

    /// <summary>Proves again the identity of a session's user.</summary>
    FreshProof = 4,
}

/// <summary>A purpose, and all that a ceremony for it is bound to.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="UserId">The account; empty for a login without a user name.</param>
/// <param name="BoundTo">The session, or the challenge of a second factor; empty for a login without a user name.</param>
public readonly record struct PasskeyBinding(PasskeyPurpose Purpose, Guid UserId, Guid BoundTo)
{
    /// <summary>A login without a user name, which is bound to nothing.</summary>
    public static PasskeyBinding LogIn { get; } = new(PasskeyPurpose.LogIn, Guid.Empty, Guid.Empty);
}

/// <summary>
/// The state of a ceremony, which the client brings back with the answer of the authenticator. On the wire it is base64url over a
/// <see cref="SealedValue"/>. The secret begins with the purpose (1 byte). The ids of state, user, session or challenge, and
/// security stamp follow (16 each). The rest is the end in Unix milliseconds (8, big-endian), and the ceremony in UTF-8.
/// </summary>
/// <param name="Binding">The purpose, and all that the state is bound to.</param>
/// <param name="Id">The random id by which it works once.</param>
/// <param name="SecurityStamp">The security stamp of the account at a registration; empty for other purposes.</param>
/// <param name="Ceremony">The challenge and the rest that the answer is verified by.</param>
/// <param name="EndsAt">The moment from which the state is refused, in whole milliseconds.</param>
public sealed record PasskeyState(
    PasskeyBinding Binding, Guid Id, Guid SecurityStamp, string Ceremony, DateTimeOffset EndsAt)
{
    /// <summary>Time for which a state works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int IdAt = 1;
    private const int UserIdAt = 17;
    private const int BoundToAt = 33;
    private const int StampAt = 49;
    private const int EndsAtAt = 65;
    private const int CeremonyAt = 73;

    // Longer than any of ours: two names of 64 code points, escaped in JSON, are the most of it.
    private const int Longest = 3000;

    private static readonly SealedPlace Place = new("passkey state", "", "", "");

    /// <summary>Seals the state for the wire, under the root key that creates.</summary>
    /// <param name="nonce">Random bytes of <see cref="SealedValue.NonceLength"/> that were used for no other value.</param>
    /// <param name="root">The root keys.</param>
    public string Seal(ReadOnlySpan<byte> nonce, RootKeyRing root)
    {
        var ceremony = Encoding.UTF8.GetBytes(Ceremony);
        var bytes = new byte[CeremonyAt + ceremony.Length];
        bytes[0] = (byte)Binding.Purpose;
        Id.TryWriteBytes(bytes.AsSpan(IdAt), bigEndian: true, out _);
        Binding.UserId.TryWriteBytes(bytes.AsSpan(UserIdAt), bigEndian: true, out _);
        Binding.BoundTo.TryWriteBytes(bytes.AsSpan(BoundToAt), bigEndian: true, out _);
        SecurityStamp.TryWriteBytes(bytes.AsSpan(StampAt), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(EndsAtAt), EndsAt.ToUnixTimeMilliseconds());
        ceremony.CopyTo(bytes, CeremonyAt);
        return SealedText.Seal(bytes, Place, nonce, root);
    }

    /// <summary>
    /// Opens a state. Null for any text that is none, was changed, has reached its end, or is of another binding.
    /// </summary>
    /// <param name="text">The text as given.</param>
    /// <param name="expected">The binding that the request is for.</param>
    /// <param name="root">The root keys.</param>
    /// <param name="now">The moment.</param>
    public static PasskeyState? Open(string text, PasskeyBinding expected, RootKeyRing root, DateTimeOffset now)
    {
        if (SealedText.Open(text, Longest, Place, root) is not { } bytes)
        {
            return null;
        }

        var state = new PasskeyState(
            new((PasskeyPurpose)bytes[0], IdIn(bytes, UserIdAt), IdIn(bytes, BoundToAt)),
            IdIn(bytes, IdAt),
            IdIn(bytes, StampAt),
            Encoding.UTF8.GetString(bytes.AsSpan(CeremonyAt)),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(EndsAtAt))));
        return state.Binding == expected && now < state.EndsAt ? state : null;
    }

    private static Guid IdIn(byte[] bytes, int at) => new(bytes.AsSpan(at, 16), bigEndian: true);
}
