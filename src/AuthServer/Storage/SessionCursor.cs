using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace AuthServer.Storage;

/// <summary>
/// The position of a session in a list: live ones before ended ones, then the newest use or end first, then the highest id
/// first.
/// </summary>
/// <param name="HasEnded">True among the ended ones.</param>
/// <param name="At">The moment of the last use or of the end, in whole milliseconds.</param>
/// <param name="Id">The session.</param>
internal readonly record struct SessionCursor(bool HasEnded, DateTimeOffset At, Guid Id) : IComparable<SessionCursor>
{
    // A byte for the part of the list, eight for the moment in milliseconds, and the id.
    private const int Length = 1 + sizeof(long) + 16;

    /// <summary>The position of a session.</summary>
    public static SessionCursor Of(SessionView view) => new(view.EndedAt is not null, view.EndedAt ?? view.LastUsedAt, view.Id);

    /// <summary>Reads a position. False unless the text is exactly what <see cref="ToString"/> returned.</summary>
    public static bool TryParse(string text, out SessionCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length + 2];
        if (text.Length != Base64Url.GetEncodedLength(Length)
            || Base64Url.DecodeFromChars(text, bytes, out _, out var length) != OperationStatus.Done
            || length != Length
            || bytes[0] > 1)
        {
            return false;
        }

        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (milliseconds < 0 || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        var id = new Guid(bytes[(1 + sizeof(long))..Length], bigEndian: true);
        cursor = new SessionCursor(bytes[0] == 1, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), id);
        return cursor.ToString() == text;
    }

    /// <summary>Negative if this position comes first.</summary>
    public int CompareTo(SessionCursor other) =>
        HasEnded != other.HasEnded ? HasEnded.CompareTo(other.HasEnded)
        : At != other.At ? other.At.CompareTo(At)
        : other.Id.CompareTo(Id);

    /// <summary>The position as text of the alphabet base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = HasEnded ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], At.ToUnixTimeMilliseconds());
        Id.TryWriteBytes(bytes[(1 + sizeof(long))..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
