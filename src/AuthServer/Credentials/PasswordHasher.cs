using System.Globalization;
using Microsoft.Extensions.Options;
using static BCrypt.Net.BCrypt;

namespace AuthServer.Credentials;

/// <summary>What checking a password found.</summary>
/// <param name="IsRight">Whether it is the account's.</param>
/// <param name="Rehash">What should replace the stored hash, for the configured work factor is another by now; else null.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? Rehash);

/// <summary>bcrypt over SHA-384, behind the gate. Safe to share.</summary>
internal sealed class PasswordHasher(HashingGate gate, PasswordStrength strength, IOptions<PasswordOptions> options)
{
    // bcrypt's own alphabet allows any such text as salt and digest; no password has this one.
    private const string NobodysSaltAndDigest = "......................" + "...............................";

    private int WorkFactor => options.Value.WorkFactor;

    /// <summary>Hashes a new password, unless it is easy to guess.</summary>
    /// <param name="password">A password in NFC.</param>
    /// <param name="personalWords">What its user goes by.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    /// <returns>The hash, or the sentence that says why the password is refused.</returns>
    public Task<(string? Hash, string? Problem)> HashNewAsync(
        string password, IReadOnlyList<string> personalWords, CancellationToken ct) =>
        gate.RunAsync<(string?, string?)>(
            () => strength.ProblemOf(password, personalWords) is { } problem
                ? (null, problem)
                : (EnhancedHashPassword(password, WorkFactor), null),
            ct);

    /// <summary>
    /// Checks a password. It takes as long for a user who does not exist, and for one whose hash is of a lower work factor than
    /// the configured one, as for any other.
    /// </summary>
    /// <param name="password">The password as given; null where it is no Unicode text.</param>
    /// <param name="storedHash">The account's hash; null where there is no account.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    public Task<PasswordCheck> CheckAsync(string? password, string? storedHash, CancellationToken ct) =>
        gate.RunAsync(() => Check(password, storedHash), ct);

    private PasswordCheck Check(string? password, string? storedHash)
    {
        if (password is null || storedHash is null)
        {
            EnhancedVerify("", NobodysHash(WorkFactor));
            return new PasswordCheck(IsRight: false, Rehash: null);
        }

        var storedFactor = int.Parse(InterrogateHash(storedHash).WorkFactor, CultureInfo.InvariantCulture);
        if (EnhancedVerify(password, storedHash))
        {
            return new PasswordCheck(IsRight: true, storedFactor == WorkFactor ? null : EnhancedHashPassword(password, WorkFactor));
        }

        // A hash of factor f takes 2^f rounds, so those from f to n - 1 bring it up to 2^n.
        for (var factor = storedFactor; factor < WorkFactor; factor++)
        {
            EnhancedVerify("", NobodysHash(factor));
        }

        return new PasswordCheck(IsRight: false, Rehash: null);
    }

    private static string NobodysHash(int workFactor) =>
        string.Create(CultureInfo.InvariantCulture, $"$2a${workFactor:00}${NobodysSaltAndDigest}");
}
