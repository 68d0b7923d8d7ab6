using System.Globalization;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// The rule for new passwords, length alone: no composition rules. Source: NIST SP 800-63B §3.1.1.2. Whether a password can be
/// guessed is asked elsewhere, for that takes a dictionary.
/// </summary>
/// <param name="MinimumLength">Shortest password, in code points.</param>
public sealed record PasswordPolicy(int MinimumLength)
{
    /// <summary>Longest password, in code points.</summary>
    public const int MaxLength = 256;

    /// <summary>The form that is hashed and compared, NFC; null where the text is no Unicode text.</summary>
    public static string? Normalize(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return CodePoints.Count(password) is null ? null : password.Normalize(NormalizationForm.FormC);
    }

    /// <summary>What is wrong with a new password, as the sentence for the client; null where nothing is.</summary>
    public string? ProblemOf(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return Normalize(password) is not { } normalized ? "Must be Unicode text."
            : CodePoints.Count(normalized) is { } length && length >= MinimumLength && length <= MaxLength ? null
            : string.Create(CultureInfo.InvariantCulture, $"Must have {MinimumLength} to {MaxLength} characters.");
    }
}
