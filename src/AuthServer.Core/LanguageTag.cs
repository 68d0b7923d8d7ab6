using System.Text.RegularExpressions;

namespace AuthServer.Core;

/// <summary>Rule for the language of an account, as a tag of BCP 47 such as <c>ko</c> or <c>en-GB</c>.</summary>
public static partial class LanguageTag
{
    /// <summary>Maximum length, in characters. Source: RFC 5646 §4.4.1.</summary>
    public const int MaxLength = 35;

    /// <summary>True if a text is a tag of the usual form: a language with more parts. Source: RFC 5646 §2.1.</summary>
    public static bool IsWellFormed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= MaxLength && Form().IsMatch(text);
    }

    // Language, script, region, variants, extensions and private use.
    [GeneratedRegex(
        """
        \A(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})
        (?:-[A-Za-z]{4})?
        (?:-(?:[A-Za-z]{2}|[0-9]{3}))?
        (?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*
        (?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*
        (?:-[xX](?:-[A-Za-z0-9]{1,8})+)?\z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
