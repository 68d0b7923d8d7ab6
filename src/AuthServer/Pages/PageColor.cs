using System.Globalization;

namespace AuthServer.Pages;

/// <summary>A colour of sRGB, with the contrasts of WCAG 2.2 §1.4.3.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
internal readonly record struct PageColor(byte Red, byte Green, byte Blue)
{
    /// <summary>The least contrast of text to its ground.</summary>
    public const double ReadableContrast = 4.5;

    /// <summary>The least contrast of text to its ground if its reader asks for more. Source: WCAG 2.2 §1.4.6.</summary>
    public const double EnhancedContrast = 7;

    public static readonly PageColor White = new(255, 255, 255);
    public static readonly PageColor Black = new(0, 0, 0);

    private const int Steps = 100;

    // Source: WCAG 2.2, "relative luminance".
    private double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    /// <summary>Reads a colour such as <c>#2d5bd7</c>.</summary>
    public static bool TryParse(string text, out PageColor color)
    {
        color = default;
        if (text is not ['#', _, _, _, _, _, _]
            || !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        color = new((byte)(value >> 16), (byte)(value >> 8), (byte)value);
        return true;
    }

    /// <summary>Contrast to another colour, 1 to 21.</summary>
    public double ContrastTo(PageColor other)
    {
        var (lighter, darker) = (Math.Max(Luminance, other.Luminance), Math.Min(Luminance, other.Luminance));
        return (lighter + 0.05) / (darker + 0.05);
    }

    /// <summary>White or black, as text on this colour: white if it is readable, for the look of most buttons.</summary>
    public PageColor TextOnIt() => ContrastTo(White) >= ReadableContrast ? White : Black;

    /// <summary>White for black, and black for every other colour.</summary>
    public PageColor Opposite() => this == Black ? White : Black;

    /// <summary>This colour, or the first shade of it towards another colour that has a contrast to a ground.</summary>
    public PageColor ReadableOn(PageColor ground, PageColor towards, double contrast = ReadableContrast)
    {
        for (var step = 0; ; step++)
        {
            var shade = Mix(towards, (double)step / Steps);
            if (step == Steps || shade.ContrastTo(ground) >= contrast)
            {
                return shade;
            }
        }
    }

    /// <summary>The colour as CSS has it.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private PageColor Mix(PageColor other, double part) =>
        new(Between(Red, other.Red, part), Between(Green, other.Green, part), Between(Blue, other.Blue, part));

    private static byte Between(byte from, byte to, double part) => (byte)Math.Round(from + ((to - from) * part));

    private static double Linear(byte channel)
    {
        var part = channel / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }
}
