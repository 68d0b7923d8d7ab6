using AuthServer.Core;
using AuthServer.Credentials;

namespace AuthServer.Accounts;

/// <summary>Names of a user as they are in a form, complete or not.</summary>
internal readonly record struct NamesOfForm(string? Username, string? Email, string? DisplayName);

/// <summary>An estimate of a password as a new one.</summary>
/// <param name="Acceptable">True if a registration with these names would accept it.</param>
/// <param name="Score">0 to 4. Easily guessed are 0 and 1, and 0 is a password of a wrong length.</param>
/// <param name="Detail">The reason why it is not acceptable; null if it is.</param>
internal sealed record PasswordEstimate(bool Acceptable, int Score, string? Detail);

/// <summary>
/// Estimates passwords for a form, by the same rules as a registration. Depends on no account, so that it discloses none. Safe to
/// share.
/// </summary>
internal sealed class PasswordEstimateService(PasswordHasher hasher, PasswordPolicy passwords)
{
    /// <summary>Estimates a password, or refuses with <see cref="ErrorCode.InvalidRequest"/>.</summary>
    /// <param name="password">The password as given.</param>
    /// <param name="names">Names that it must not be built from.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="UnavailableException">Too many passwords are waiting.</exception>
    public async Task<Outcome<PasswordEstimate>> EstimateAsync(
        string? password, NamesOfForm names, ClientInfo client, CancellationToken ct)
    {
        var username = DisplayText.Parse(names.Username, out var usernameProblem);
        var displayName = DisplayText.Parse(names.DisplayName, out var displayNameProblem);
        var problems = new Dictionary<string, string?>
        {
            ["password"] = password is null ? passwords.ProblemOf(password) : null,
            ["username"] = usernameProblem,
            ["email"] = names.Email?.Length > EmailAddress.MaxLength
                ? $"Must have at most {EmailAddress.MaxLength} characters."
                : null,
            ["displayName"] = displayNameProblem,
        };
        if (problems.Values.Any(problem => problem is not null))
        {
            return new Refusal(
                ErrorCode.InvalidRequest,
                Errors: problems.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => new[] { p.Value! }));
        }

        if (passwords.ProblemOf(password) is { } rule)
        {
            return new PasswordEstimate(Acceptable: false, Score: 0, rule);
        }

        var words = new[] { username, names.Email, displayName }.OfType<string>().ToArray();
        var estimate = await hasher.EstimateAsync(password!, words, client.IpAddress, ct);
        return new PasswordEstimate(estimate.Problem is null, estimate.Score, estimate.Problem);
    }
}
