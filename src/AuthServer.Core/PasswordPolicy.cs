using System.Globalization;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// Rule for new passwords: length alone, no composition. Source: NIST SP 800-63B §3.1.1.2. Strength is not checked here because
/// that takes a dictionary.
/// </summary>
/// <param name="MinimumLength">Minimum length, in code points.</param>
public sealed record PasswordPolicy(int MinimumLength)
{
    /// <summary>Maximum length, in code points.</summary>
    public const int MaxLength = 256;

    /// <summary>Converts a password to NFC, the form that is hashed and compared; null if it is not valid Unicode.</summary>
    public static string? Normalize(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return CodePoints.Count(password) is null ? null : password.Normalize(NormalizationForm.FormC);
    }

    /// <summary>The sentence for the client if a new password is absent or breaks the rule; else null.</summary>
    public string? ProblemOf(string? password) =>
        password is null ? "Is required."
            : Normalize(password) is not { } normalized ? "Must be Unicode text."
            : CodePoints.Count(normalized) is { } length && length >= MinimumLength && length <= MaxLength ? null
            : string.Create(CultureInfo.InvariantCulture, $"Must have {MinimumLength} to {MaxLength} characters.");
}
