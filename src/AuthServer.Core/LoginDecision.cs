namespace AuthServer.Core;

/// <summary>Decision of a login: one of the records below.</summary>
public abstract record LoginDecision
{
    private protected LoginDecision()
    {
    }

    /// <summary>
    /// Decides whether a proof opens a session. Pure: the same facts give the same decision. The limit of sessions per user is a
    /// decision of its own, <see cref="SessionAdmission"/>.
    /// </summary>
    /// <param name="proof">The proof.</param>
    /// <param name="account">The account.</param>
    /// <param name="policy">Requirements of a login beyond its proof.</param>
    public static LoginDecision Decide(AuthenticationProof proof, LoginAccount account, LoginPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(policy);
        if (account.Disabled)
        {
            return new RefuseLogin(ErrorCode.InvalidCredentials);
        }

        // In this order, because the state of the account is disclosed to a proof that counts alone.
        return proof.SecurityStamp != account.SecurityStamp ? new ProveAgain()
            : policy.RequiresVerifiedEmail && !account.HasVerifiedEmail ? new RefuseLogin(ErrorCode.EmailUnverified)
            : !account.RequiresSecondFactor || proof.Methods.HasFlag(AuthenticationMethods.MultiFactor) ? new OpenSession()
            : account.Factors.AreReliable() ? new RefuseLogin(ErrorCode.SecondFactorRequired)
            : new RefuseLogin(ErrorCode.SecondFactorSetupRequired);
    }
}

/// <summary>The proof opens a session.</summary>
public sealed record OpenSession : LoginDecision;

/// <summary>Credentials have changed since the proof was made, so the identity has to be proved again.</summary>
public sealed record ProveAgain : LoginDecision;

/// <summary>The login is refused.</summary>
/// <param name="Code">The reason for the client.</param>
public sealed record RefuseLogin(ErrorCode Code) : LoginDecision;
