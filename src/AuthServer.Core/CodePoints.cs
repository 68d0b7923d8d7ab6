using System.Buffers;
using System.Globalization;
using System.Text;

namespace AuthServer.Core;

/// <summary>Counts and classifies Unicode code points for the rules of names and passwords.</summary>
internal static class CodePoints
{
    // Letters and marks by category that are drawn as nothing. Source: Unicode, DerivedCoreProperties,
    // Default_Ignorable_Code_Point. U+2800 is the Braille pattern without a dot.
    private static readonly (int First, int Last)[] Blank =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164),
        (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF),
    ];

    /// <summary>
    /// Counts the code points of a text; null if it is not valid Unicode. That is half a surrogate pair, and also U+FFFE, the
    /// noncharacter that <see cref="string.Normalize()"/> throws on.
    /// </summary>
    public static int? Count(string text)
    {
        var count = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var taken) != OperationStatus.Done || rune.Value == 0xFFFE)
            {
                return null;
            }

            rest = rest[taken..];
            count++;
        }

        return count;
    }

    /// <summary>
    /// True if a code point is neither visible nor a space: controls, formats, fillers, private use and unassigned ones.
    /// </summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse
        || Array.Exists(Blank, range => rune.Value >= range.First && rune.Value <= range.Last);

    /// <summary>True if a code point can break a line or change the direction of the text around it.</summary>
    public static bool IsDisruptive(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x061C or (>= 0x200E and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
