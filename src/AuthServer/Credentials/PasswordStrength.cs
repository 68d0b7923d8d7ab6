using Microsoft.Extensions.Options;
using Zxcvbn.Matcher;

namespace AuthServer.Credentials;

/// <summary>An estimate of how easily a password is guessed.</summary>
/// <param name="Score">0 to 4, by zxcvbn.</param>
/// <param name="Problem">The reason why it is refused, as a sentence for the client; null if it is not.</param>
internal readonly record struct StrengthEstimate(int Score, string? Problem);

/// <summary>
/// Estimates how easily a password is guessed, by zxcvbn's dictionaries and patterns, and by words of the service. Safe to share.
/// </summary>
internal sealed class PasswordStrength(IOptions<PasswordOptions> options, IConfiguration configuration)
{
    // zxcvbn's time grows with the length, and 64 code points that it can't guess are enough.
    private const int LongestEstimate = 64;

    // Scores 0 and 1: fewer than about 10^8 guesses.
    private const int LowestScore = 2;

    private readonly Zxcvbn.Zxcvbn estimator = new();

    private readonly string[] contextWords =
    [
        "authserver",
        .. Uri.TryCreate(configuration["Tokens:Issuer"], UriKind.Absolute, out var issuer) ? new[] { issuer.Host } : [],
        .. options.Value.ContextWords,
    ];

    /// <summary>Estimates a password. The same password and words have the same estimate.</summary>
    /// <param name="password">The password.</param>
    /// <param name="personalWords">Names and addresses of its user.</param>
    public StrengthEstimate Estimate(string password, IReadOnlyList<string> personalWords)
    {
        var start = string.Concat(password.EnumerateRunes().Take(LongestEstimate));
        var given = personalWords.Concat(contextWords).ToList();
        var parts = given.SelectMany(word => word.Split(' ', '.', '_', '-', '@')).Where(part => part.Length > 2);
        var words = given.Concat(parts);
        var estimate = estimator.EvaluatePassword(start, words.Distinct(StringComparer.OrdinalIgnoreCase));
        return new(estimate.Score, estimate.Score >= LowestScore ? null : ProblemOf(estimate));
    }

    private static string ProblemOf(Zxcvbn.Result estimate)
    {
        var dictionaries = estimate.MatchSequence.OfType<DictionaryMatch>().Select(match => match.DictionaryName).ToHashSet();
        return dictionaries.Contains("user_inputs") ? "Is too easy to guess from your own names, or from those of this service."
            : dictionaries.Contains("passwords")
                ? "Is too easy to guess: it is, or is built from, a password that many people use."
            : "Is too easy to guess: use more words, or less of a pattern.";
    }
}
