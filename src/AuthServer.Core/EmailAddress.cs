using System.Buffers;
using System.Net.Mail;

namespace AuthServer.Core;

/// <summary>Rule for email addresses.</summary>
public static class EmailAddress
{
    /// <summary>Maximum length, in UTF-16 code units. Source: RFC 5321 §4.5.3.1.3, without the angle brackets.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    // Source: RFC 5322 §3.2.3. The dot and the at sign, which are specials too, have rules of their own below.
    private static readonly SearchValues<char> Specials = SearchValues.Create("\"(),:;<>[\\]");

    /// <summary>True if a text is one bare address: an unquoted local part, and a domain name with a dot.</summary>
    public static bool IsValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= MaxLength
            && !text.AsSpan().ContainsAny(Specials)
            && CodePoints.Count(text) is not null
            && !text.Any(char.IsWhiteSpace)
            && !text.EnumerateRunes().Any(CodePoints.IsInvisible)
            && MailAddress.TryCreate(text, out var address)
            && address.Address == text
            && address.User.Length <= MaxLocalLength
            && !address.User.StartsWith('.')
            && !address.User.EndsWith('.')
            && !address.User.Contains("..", StringComparison.Ordinal)
            && address.Host.Contains('.', StringComparison.Ordinal)
            && !address.Host.EndsWith('.')
            && Uri.CheckHostName(address.Host) == UriHostNameType.Dns;
    }
}
