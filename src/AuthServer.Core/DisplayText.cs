using System.Globalization;

namespace AuthServer.Core;

/// <summary>The rule for names that are only shown: a person's and a device's.</summary>
public static class DisplayText
{
    /// <summary>Longest text, in code points.</summary>
    public const int MaxLength = 64;

    /// <summary>What may be shown of any text: its first code points, without those that the rule refuses.</summary>
    public static string Clip(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.EnumerateRunes().Where(rune => !CodePoints.IsDisruptive(rune)).Take(length));
    }

    /// <summary>
    /// The text without the white space around it; null where nothing is left. Where it breaks the rule,
    /// <paramref name="problem"/> is the sentence for the client.
    /// </summary>
    public static string? Parse(string? text, out string? problem)
    {
        var trimmed = text?.Trim() ?? "";
        problem = CodePoints.Count(trimmed) switch
        {
            null => "Must be Unicode text.",
            > MaxLength => string.Create(CultureInfo.InvariantCulture, $"Must have at most {MaxLength} characters."),
            _ when trimmed.EnumerateRunes().Any(CodePoints.IsDisruptive) =>
                "Must not have control characters or change the direction of text.",
            _ => null,
        };
        return problem is null && trimmed.Length > 0 ? trimmed : null;
    }
}
