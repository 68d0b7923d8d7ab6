using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// A recovery code: 80 random bits as 16 characters, in groups of four. They are digits and letters that are not mistaken for one
/// another. Source: Crockford's base 32.
/// </summary>
public static class RecoveryCode
{
    /// <summary>Random bytes of a code.</summary>
    public const int SecretLength = 10;

    /// <summary>Number of codes that an account gets.</summary>
    public const int Count = 10;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = SecretLength * 8 / 5;

    /// <summary>Writes a code, such as <c>7G4K-0PQZ-1XWM-9C2R</c>.</summary>
    /// <param name="secret">Random bytes of <see cref="SecretLength"/>.</param>
    public static string Write(ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder();
        for (var bit = 0; bit < SecretLength * 8; bit += 5)
        {
            // Five bits from two bytes, of which the second may not exist.
            var pair = (secret[bit / 8] << 8) | (bit / 8 + 1 < SecretLength ? secret[bit / 8 + 1] : 0);
            text.Append(text.Length % 5 == 4 ? "-" : "").Append(Alphabet[(pair >> (11 - (bit % 8))) & 31]);
        }

        return text.ToString();
    }

    /// <summary>Reads a code as people type it. Null if it is none.</summary>
    /// <returns>Its 16 characters.</returns>
    public static string? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var code = string.Concat(text.Where(c => c is not ('-' or ' ')).Select(c => char.ToUpperInvariant(c) switch
        {
            'O' => '0',
            'I' or 'L' => '1',
            var upper => upper,
        }));
        return code.Length == Length && code.All(Alphabet.Contains) ? code : null;
    }

    /// <summary>The hash by which a code is stored, sealed. It is of one account.</summary>
    /// <param name="code">The characters that <see cref="Parse"/> returned.</param>
    /// <param name="userId">The account.</param>
    public static byte[] HashOf(string code, Guid userId) => SHA256.HashData(Encoding.UTF8.GetBytes($"{userId} {code}"));
}
