using System.Globalization;
using AuthServer.Core;
using Microsoft.Extensions.Options;
using static BCrypt.Net.BCrypt;

namespace AuthServer.Credentials;

/// <summary>The result of checking a password.</summary>
/// <param name="IsRight">True if it is the account's.</param>
/// <param name="Rehash">The replacement for a stored hash of another work factor than the configured one; else null.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? Rehash);

/// <summary>bcrypt over SHA-384, in the queue. Safe to share.</summary>
internal sealed class PasswordHasher(PasswordHashQueue queue, PasswordStrength strength, IOptions<PasswordOptions> options)
{
    // A valid salt and digest in bcrypt's alphabet. No password has this hash.
    private const string DummySaltAndDigest = "......................" + "...............................";

    private int WorkFactor => options.Value.WorkFactor;

    /// <summary>
    /// The highest work factor of any stored hash, above the configured one if that has been lowered. Set at start.
    /// </summary>
    public int HighestStoredFactor { get; set; }

    // The cost of a check that fails.
    private int CostOfFailure => Math.Max(WorkFactor, HighestStoredFactor);

    /// <summary>Hashes a new password, or refuses one that is easy to guess.</summary>
    /// <param name="field">Name of the field that has the password.</param>
    /// <param name="password">A password that keeps to <see cref="PasswordPolicy"/>.</param>
    /// <param name="personalWords">Names and addresses of its user.</param>
    /// <param name="caller">The caller, for the order of the queue.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    /// <exception cref="UnavailableException">Too many passwords are waiting.</exception>
    public Task<Outcome<string>> HashNewAsync(
        string field, string password, IReadOnlyList<string> personalWords, HashCaller caller, CancellationToken ct)
    {
        var normalized = NormalizeNew(password);
        return queue.RunAsync<Outcome<string>>(
            () => strength.Estimate(normalized, personalWords).Problem is { } problem
                ? Refusal.OfField(field, problem)
                : EnhancedHashPassword(normalized, WorkFactor),
            caller,
            ct);
    }

    /// <summary>Estimates a new password as <see cref="HashNewAsync"/> does, which refuses it if there is a problem.</summary>
    /// <param name="password">A password that keeps to <see cref="PasswordPolicy"/>.</param>
    /// <param name="personalWords">Names and addresses of its user.</param>
    /// <param name="ipAddress">The address of the caller, for the order of the queue.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    /// <exception cref="UnavailableException">Too many passwords are waiting.</exception>
    public Task<StrengthEstimate> EstimateAsync(
        string password, IReadOnlyList<string> personalWords, string? ipAddress, CancellationToken ct)
    {
        var normalized = NormalizeNew(password);
        return queue.EstimateAsync(() => strength.Estimate(normalized, personalWords), new(ipAddress, IsKnownDevice: false), ct);
    }

    /// <summary>
    /// Checks a password. A wrong one takes as long for a user that does not exist as for any other, whatever the work factor of
    /// the hash.
    /// </summary>
    /// <param name="password">The password as given; null if it is no Unicode text.</param>
    /// <param name="storedHash">The account's hash; null if there is no account.</param>
    /// <param name="caller">The caller, for the order of the queue.</param>
    /// <param name="ct">Gives up the place in the queue.</param>
    /// <exception cref="UnavailableException">Too many passwords are waiting.</exception>
    public Task<PasswordCheck> CheckAsync(string? password, string? storedHash, HashCaller caller, CancellationToken ct) =>
        queue.RunAsync(() => Check(password, storedHash), caller, ct);

    private static string NormalizeNew(string password) => PasswordPolicy.Normalize(password)
        ?? throw new ArgumentException("The policy refuses what is no Unicode text.", nameof(password));

    private PasswordCheck Check(string? password, string? storedHash)
    {
        if (password is null || storedHash is null)
        {
            EnhancedVerify("", DummyHash(CostOfFailure));
            return new PasswordCheck(IsRight: false, Rehash: null);
        }

        var storedFactor = FactorOf(storedHash);
        if (EnhancedVerify(password, storedHash))
        {
            var rehash = storedFactor == WorkFactor ? null : EnhancedHashPassword(password, WorkFactor);
            return new PasswordCheck(IsRight: true, rehash);
        }

        // A hash of factor f takes 2^f rounds, so those from f to n - 1 bring it up to 2^n.
        for (var factor = storedFactor; factor < CostOfFailure; factor++)
        {
            EnhancedVerify("", DummyHash(factor));
        }

        return new PasswordCheck(IsRight: false, Rehash: null);
    }

    /// <summary>The work factor of a hash.</summary>
    public static int FactorOf(string hash) => int.Parse(InterrogateHash(hash).WorkFactor, CultureInfo.InvariantCulture);

    private static string DummyHash(int workFactor) =>
        string.Create(CultureInfo.InvariantCulture, $"$2a${workFactor:00}${DummySaltAndDigest}");
}
