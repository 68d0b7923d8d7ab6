namespace AuthServer.Core;

/// <summary>Kinds of second factors.</summary>
[Flags]
public enum FactorKinds
{
    /// <summary>No factor.</summary>
    None = 0,

    /// <summary>Codes of an authenticator app: <c>totp</c>.</summary>
    Totp = 1,

    /// <summary>Passkeys: <c>passkey</c>.</summary>
    Passkey = 2,

    /// <summary>Recovery codes, which only help where another factor was lost: <c>recovery_code</c>.</summary>
    RecoveryCode = 4,
}

/// <summary>Facts about kinds of factors.</summary>
public static class FactorKindsExtensions
{
    /// <summary>True if there is a factor to rely on. Recovery codes alone are none.</summary>
    public static bool AreReliable(this FactorKinds factors) => (factors & (FactorKinds.Totp | FactorKinds.Passkey)) != 0;
}

/// <summary>The factors to go on with if one is missing.</summary>
/// <param name="Challenge">The sealed <see cref="SecondFactorChallenge"/>; null if the caller has a session.</param>
/// <param name="Methods">The factors that the account has.</param>
public sealed record SecondFactorOffer(string? Challenge, FactorKinds Methods)
{
    private static readonly (FactorKinds Factor, string Name)[] Names =
    [
        (FactorKinds.Totp, "totp"), (FactorKinds.Passkey, "passkey"), (FactorKinds.RecoveryCode, "recovery_code"),
    ];

    /// <summary>The factors in words of the contract.</summary>
    public IReadOnlyList<string> MethodNames => [.. Names.Where(name => Methods.HasFlag(name.Factor)).Select(name => name.Name)];
}
