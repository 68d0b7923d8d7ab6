using System.Globalization;
using System.Text;

namespace AuthServer.Core;

/// <summary>Rule for names that are only displayed: those of persons and of devices.</summary>
public static class DisplayText
{
    /// <summary>Maximum length, in code points.</summary>
    public const int MaxLength = 64;

    /// <summary>Makes any text fit for display: removes the code points that the rule refuses, and clips the rest.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Maximum length of the result, in code points.</param>
    public static string Clip(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.EnumerateRunes().Where(rune => !CodePoints.IsDisruptive(rune)).Take(length));
    }

    /// <summary>
    /// Makes any text fit for a mail. Its reader's program makes links of all that could be one. So everything but letters,
    /// digits, hyphens and underscores becomes a space.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Maximum length of the result, in code points.</param>
    public static string WithoutLinks(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        var runes = text.EnumerateRunes().Take(length)
            .Select(rune => Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_' ? rune : new Rune(' '));
        return string.Join(' ', string.Concat(runes).Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Makes any text safe for a terminal: code points that the rule refuses are written as <c>\u001b</c>.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.EnumerateRunes().Any(CodePoints.IsDisruptive)
            ? string.Concat(text.EnumerateRunes().Select(rune => CodePoints.IsDisruptive(rune)
                ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}")
                : rune.ToString()))
            : text;
    }

    /// <summary>Removes the white space around a text and checks the rest.</summary>
    /// <param name="text">The text; null counts as empty.</param>
    /// <param name="problem">The sentence for the client if the text breaks the rule; else null.</param>
    /// <returns>The text without that white space; null if nothing is left, or if it breaks the rule.</returns>
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
