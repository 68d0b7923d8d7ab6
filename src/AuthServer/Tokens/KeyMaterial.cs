using System.Globalization;
using AuthServer.Core;
using AuthServer.Hosting;

namespace AuthServer.Tokens;

/// <summary>Checks keys and their numbers.</summary>
internal static class KeyMaterial
{
    private const string Remedy = "make a key with `openssl rand -base64 32`.";

    /// <summary>Reads the number of a key, 0 to 255 without leading zeros, so that no two ids are the same number.</summary>
    /// <exception cref="StartupException">The id is not such a number.</exception>
    public static byte ParseId(string id, string where) =>
        byte.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == id
            ? number
            : throw new StartupException(
                $"{where} has no number from 0 to 255 as its id; number the keys, the highest is the newest.");

    /// <summary>Reads a key in base64.</summary>
    /// <exception cref="StartupException">The text is not base64, or the key is too short or not random.</exception>
    public static byte[] Parse(string text, string where)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.Trim(), buffer, out var length))
        {
            throw new StartupException($"{where} is not base64; {Remedy}");
        }

        if (length < RootKeyRing.KeyLength)
        {
            throw new StartupException($"{where} has {length} bytes and needs {RootKeyRing.KeyLength}; {Remedy}");
        }

        var key = buffer[..length];

        // Fewer than one in 10^12 random keys have 16 distinct bytes or fewer, or are all printable.
        if (key.Distinct().Count() <= 16 || Array.TrueForAll(key, b => b is >= 0x20 and < 0x7F))
        {
            throw new StartupException($"{where} is a text or a pattern, which can be guessed; {Remedy}");
        }

        return key;
    }
}
