using System.Text.Json.Serialization;

namespace AuthServer.Client;

/// <summary>
/// Result of a login: <see cref="LoginCompleted"/>, <see cref="SecondFactorNeeded"/> or <see cref="SecondFactorSetupNeeded"/>.
/// Only the first one has opened a session.
/// </summary>
public abstract class LoginResult
{
    private protected LoginResult()
    {
    }
}

/// <summary>The session is open.</summary>
public sealed class LoginCompleted : LoginResult
{
    internal LoginCompleted()
    {
    }
}

/// <summary>A login that is right so far.</summary>
public abstract class LoginStep : LoginResult
{
    private protected LoginStep(ProblemBody problem)
    {
        Challenge = problem.Challenge!;
        Methods = problem.Methods ?? [];
        ExpiresIn = TimeSpan.FromSeconds(problem.ExpiresIn ?? 0);
    }

    /// <summary>The factors that the account has: <c>totp</c>, <c>passkey</c>, <c>recovery_code</c>, or newer ones.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>Time from the answer within which the login has to be completed.</summary>
    public TimeSpan ExpiresIn { get; }

    /// <summary>The login at the server. Not public, because a program has no use for it.</summary>
    internal string Challenge { get; }
}

/// <summary>
/// The login needs a second factor. Ask for a code, and call <see
/// cref="AuthServerClient.CompleteLoginAsync(SecondFactorNeeded, string, CancellationToken)"/>. If the account has a passkey,
/// <see cref="AuthServerClient.BeginPasskeyStepAsync"/> begins another way to complete it.
/// </summary>
public sealed class SecondFactorNeeded : LoginStep
{
    internal SecondFactorNeeded(ProblemBody problem)
        : base(problem)
    {
    }
}

/// <summary>
/// A role of the user needs a second factor, which is not set up. Call <see
/// cref="AuthServerClient.BeginTotpAtLoginAsync(SecondFactorSetupNeeded, CancellationToken)"/>, then log in again.
/// </summary>
public sealed class SecondFactorSetupNeeded : LoginStep
{
    internal SecondFactorSetupNeeded(ProblemBody problem)
        : base(problem)
    {
    }
}

/// <summary>The secret of an authenticator app, which is shown once. Prints none of it.</summary>
/// <param name="secret">The secret.</param>
/// <param name="uri">The URI.</param>
/// <param name="qr">The QR code.</param>
[method: JsonConstructor]
public sealed class TotpSecret(string secret, Uri uri, string qr)
{
    /// <summary>The secret in base 32, to type.</summary>
    public string Secret => secret;

    /// <summary>The secret as apps read it.</summary>
    public Uri Uri => uri;

    /// <summary>The URI as a QR code, in SVG.</summary>
    public string Qr => qr;
}

/// <summary>A passkey in the list of second factors.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name that the user gave it.</param>
/// <param name="CreatedAt">The moment when it was added, in UTC.</param>
/// <param name="LastUsedAt">The moment of the last login by it, in UTC; null if there was none.</param>
/// <param name="Synced">True if it has been copied to other devices.</param>
public sealed record PasskeyInfo(Guid Id, string Name, DateTime CreatedAt, DateTime? LastUsedAt, bool Synced);

/// <summary>The second factors of the user.</summary>
/// <param name="Required">True if logins need one.</param>
/// <param name="Totp">True if there is an authenticator app.</param>
/// <param name="Passkeys">The passkeys, the oldest first.</param>
/// <param name="RecoveryCodesLeft">Number of recovery codes that were not used.</param>
public sealed record SecondFactorList(
    bool Required, bool Totp, IReadOnlyList<PasskeyInfo> Passkeys, int RecoveryCodesLeft);
