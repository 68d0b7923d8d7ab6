using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// The code of a mail: eight digits that are derived from the mail, so that its row has no secret. Source: RFC 4226 §5.3 for
/// digits of a MAC.
/// </summary>
public static class MailCode
{
    /// <summary>Time for which a code counts, from the request for it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Purpose = "mail codes";
    private const ulong Codes = 100_000_000;

    /// <summary>The code of a mail, under the root key that creates.</summary>
    public static string Of(Guid mailId, RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return Of(mailId, root.Current, root);
    }

    /// <summary>True if a text is the code of a mail, under any root key.</summary>
    public static bool IsOf(Guid mailId, string text, RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var given = Encoding.UTF8.GetBytes(text);
        return root.Numbers.Any(number =>
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(mailId, number, root)), given));
    }

    private static string Of(Guid mailId, byte number, RootKeyRing root)
    {
        var mac = HMACSHA256.HashData(root.Derive(number, Purpose), mailId.ToByteArray());
        return (BinaryPrimitives.ReadUInt64BigEndian(mac) % Codes).ToString("00000000", CultureInfo.InvariantCulture);
    }
}
