using System.Globalization;
using Microsoft.Extensions.Options;
using static BCrypt.Net.BCrypt;

namespace AuthServer.Credentials;

/// <summary>What checking a password found.</summary>
/// <param name="IsRight">Whether it is the account's.</param>
/// <param name="Rehash">What should replace the stored hash, for the configured work factor is another by now; else null.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? Rehash);

/// <summary>bcrypt over SHA-384, behind the gate. Safe to share.</summary>
internal sealed class PasswordHasher(PasswordHashQueue gate, PasswordStrength strength, IOptions<PasswordOptions> options)
{
    // bcrypt's own alphabet allows any such text as salt and digest; no password has this one.
    private const string NobodysSaltAndDigest = "......................" + "...............................";

    private int WorkFactor => options.Value.WorkFactor;

    /// <summary>
    /// The highest work factor of any stored hash; it is above the configured one where that has been lowered. Set at start.
    /// </summary>
    public int HighestStoredFactor { get; set; }

    // What a check takes that finds nothing.
    private int CostOfFailure => Math.Max(WorkFactor, HighestStoredFactor);

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
    /// Checks a password. A wrong one takes as long for a user who does not exist as for any other, whatever the work factor of
    /// their hash.
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
            EnhancedVerify("", NobodysHash(CostOfFailure));
            return new PasswordCheck(IsRight: false, Rehash: null);
        }

        var storedFactor = FactorOf(storedHash);
        if (EnhancedVerify(password, storedHash))
        {
            return new PasswordCheck(IsRight: true, storedFactor == WorkFactor ? null : EnhancedHashPassword(password, WorkFactor));
        }

        // A hash of factor f takes 2^f rounds, so those from f to n - 1 bring it up to 2^n.
        for (var factor = storedFactor; factor < CostOfFailure; factor++)
        {
            EnhancedVerify("", NobodysHash(factor));
        }

        return new PasswordCheck(IsRight: false, Rehash: null);
    }

    /// <summary>The work factor of a hash.</summary>
    public static int FactorOf(string hash) => int.Parse(InterrogateHash(hash).WorkFactor, CultureInfo.InvariantCulture);

    private static string NobodysHash(int workFactor) =>
        string.Create(CultureInfo.InvariantCulture, $"$2a${workFactor:00}${NobodysSaltAndDigest}");
}
