using System.Globalization;
using System.Text;

namespace AuthServer.Core;

/// <summary>A user name that follows the rule of the contract.</summary>
public sealed record Username
{
    /// <summary>Maximum length, in code points, both as given and in normal form.</summary>
    public const int MaxLength = 64;

    private static readonly IdnMapping Domains = new();

    private const string Fallback = "user";

    private const string Invisible = "Must not have control or invisible characters.";

    private Username(string value, string normalized)
    {
        Value = value;
        Normalized = normalized;
    }

    /// <summary>The name as given.</summary>
    public string Value { get; }

    /// <summary>
    /// The normal form: NFKC and invariant lower case, with the domain of an address in ASCII. Names with equal normal forms are
    /// one account.
    /// </summary>
    public string Normalized { get; }

    /// <summary>True if the name is an email address, which is then the account's.</summary>
    public bool IsEmail => Value.Contains('@', StringComparison.Ordinal);

    /// <summary>
    /// Converts any text to its normal form, whether or not it is a valid name. Null if it is not valid Unicode, or contains
    /// U+0000, which some databases don't store.
    /// </summary>
    public static string? Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (CodePoints.Count(text) is null || text.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        // Lower case can leave characters that NFKC would compose, so the text is normalized once more.
        var normal = text.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize(NormalizationForm.FormKC);
        var at = normal.LastIndexOf('@') + 1;
        return at == 0 ? normal : normal[..at] + AsciiOf(normal[at..]);
    }

    // A domain has a form in its script and one in ASCII, both of one mailbox. Source: RFC 5890 §2.3.2.1.
    private static string AsciiOf(string domain)
    {
        try
        {
            return Domains.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // It is no domain name, so the text is no address.
            return domain;
        }
    }

    /// <summary>Parses a name.</summary>
    /// <param name="text">The name as given.</param>
    /// <param name="problem">The sentence for the client if the name breaks the rule; else null.</param>
    /// <returns>The name; null if it breaks the rule.</returns>
    public static Username? Parse(string text, out string? problem)
    {
        if (Normalize(text) is not { } normalized)
        {
            problem = CodePoints.Count(text) is null ? "Must be Unicode text." : Invisible;
            return null;
        }

        // NFKC makes a plain at sign of the fullwidth and the small one, so only the normal form identifies every address.
        var isEmail = normalized.Contains('@', StringComparison.Ordinal);
        problem = ProblemOf(text, isEmail) ?? ProblemOf(normalized, isEmail);
        return problem is null ? new Username(text, normalized) : null;
    }

    /// <summary>
    /// Makes a name of any text and an ending, as near to the text as the rule lets it. It is never an address.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="suffix">The ending, which follows the rule.</param>
    public static Username MakeFit(string text, string suffix)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(suffix);
        var runes = text.EnumerateRunes().Where(rune => !CodePoints.IsInvisible(rune) && rune.Value is not (':' or '@'));
        var fit = string.Concat(runes.Take(MaxLength - suffix.Length)).Trim();
        var name = fit.Length > 0 ? Parse(fit + suffix, out _) : null;
        return name is not null && !name.Normalized.Contains('@', StringComparison.Ordinal)
            ? name
            : Parse(Fallback + suffix, out _)!;
    }

    // Checks the name as given and its normal form, because either can hide a violation that the other shows.
    private static string? ProblemOf(string name, bool isEmail) =>
        CodePoints.Count(name) is 0 or > MaxLength ? "Must have 1 to 64 characters."
        : name.Contains(':', StringComparison.Ordinal) ? "Must not have a colon."
        : name.EnumerateRunes().Any(CodePoints.IsInvisible) ? Invisible
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "Must not begin or end with a space."
        : isEmail && !EmailAddress.IsValid(name) ? "A name with an @ must be a valid email address."
        : null;
}
