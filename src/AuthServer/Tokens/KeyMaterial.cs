using System.Globalization;
using AuthServer.Core;
using AuthServer.Hosting;

namespace AuthServer.Tokens;

/// <summary>One key, checked.</summary>
internal static class KeyMaterial
{
    /// <summary>Reads the number of a key, 0 to 255 without zeros before it, so that no two ids are the same number.</summary>
    /// <exception cref="StartupException">It is none.</exception>
    public static byte ParseId(string id, string where) =>
        byte.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == id
            ? number
            : throw new StartupException($"{where} has no number from 0 to 255 as its id; number the keys, the highest is the newest.");

    /// <summary>Reads a key in base64.</summary>
    /// <exception cref="StartupException">It is no key, too short, or not random.</exception>
    public static byte[] Parse(string text, string where)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.Trim(), buffer, out var length))
        {
            throw new StartupException($"{where} is not base64; make a key with `openssl rand -base64 32`.");
        }

        if (length < RefreshKeyRing.MinimumKeyLength)
        {
            throw new StartupException(
                $"{where} has {length} bytes where {RefreshKeyRing.MinimumKeyLength} are needed; make a key with `openssl rand -base64 32`.");
        }

        var key = buffer[..length];

        // 32 random bytes have 16 distinct values or fewer, or are all printable, less than once in 10^12 keys.
        if (key.Distinct().Count() <= 16 || Array.TrueForAll(key, b => b is >= 0x20 and < 0x7F))
        {
            throw new StartupException($"{where} is a text or a pattern, which can be guessed; make a key with `openssl rand -base64 32`.");
        }

        return key;
    }
}
