namespace AuthServer.Core;

/// <summary>Requirements of a login beyond its proof.</summary>
public sealed record LoginPolicy
{
    /// <summary>True if an account without a verified address opens no session.</summary>
    public bool RequiresVerifiedEmail { get; init; }

    /// <summary>Roles whose users open sessions by two factors only.</summary>
    public IReadOnlyCollection<string> SecondFactorRoles { get; init; } = [];

    /// <summary>True if one of these roles needs a second factor.</summary>
    public bool RequiresSecondFactor(IEnumerable<string> roles) =>
        SecondFactorRoles.Count > 0 && roles.Any(SecondFactorRoles.Contains);
}

/// <summary>The facts of an account that a login is decided by, read in the transaction that opens the session.</summary>
/// <param name="SecurityStamp">The security stamp.</param>
/// <param name="Disabled">True if the account is disabled.</param>
/// <param name="HasVerifiedEmail">True if it has a verified address.</param>
/// <param name="RequiresSecondFactor">True if its user or its roles require a second factor.</param>
/// <param name="Factors">The factors that it has; not read unless one is required.</param>
public sealed record LoginAccount(
    Guid SecurityStamp,
    bool Disabled,
    bool HasVerifiedEmail = false,
    bool RequiresSecondFactor = false,
    FactorKinds Factors = FactorKinds.None);
