using Microsoft.Extensions.Options;
using Zxcvbn.Matcher;

namespace AuthServer.Credentials;

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

    /// <summary>The reason why a password is refused, as a sentence for the client; null if it is not.</summary>
    /// <param name="password">The password.</param>
    /// <param name="personalWords">Names and addresses of its user.</param>
    public string? ProblemOf(string password, IReadOnlyList<string> personalWords)
    {
        var start = string.Concat(password.EnumerateRunes().Take(LongestEstimate));
        var given = personalWords.Concat(contextWords).ToList();
        var parts = given.SelectMany(word => word.Split(' ', '.', '_', '-', '@')).Where(part => part.Length > 2);
        var words = given.Concat(parts);
        var estimate = estimator.EvaluatePassword(start, words.Distinct(StringComparer.OrdinalIgnoreCase));
        if (estimate.Score >= LowestScore)
        {
            return null;
        }

        var dictionaries = estimate.MatchSequence.OfType<DictionaryMatch>().Select(match => match.DictionaryName).ToHashSet();
        return dictionaries.Contains("user_inputs") ? "Is too easy to guess from your own names, or from those of this service."
            : dictionaries.Contains("passwords")
                ? "Is too easy to guess: it is, or is built from, a password that many people use."
            : "Is too easy to guess: use more words, or less of a pattern.";
    }
}
