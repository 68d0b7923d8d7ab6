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
    /// <param name="securityStamp">The account's security stamp, read in the transaction that opens the session.</param>
    /// <param name="disabled">True if the account is disabled.</param>
    /// <param name="hasVerifiedEmail">True if the account has a verified address.</param>
    /// <param name="policy">Requirements of a login beyond its proof.</param>
    public static LoginDecision Decide(
        AuthenticationProof proof, Guid securityStamp, bool disabled, bool hasVerifiedEmail, LoginPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(policy);
        if (disabled)
        {
            return new RefuseLogin(ErrorCode.InvalidCredentials);
        }

        // In this order, because the state of the address is disclosed to a proof that counts alone.
        return proof.SecurityStamp != securityStamp ? new ProveAgain()
            : policy.RequiresVerifiedEmail && !hasVerifiedEmail ? new RefuseLogin(ErrorCode.EmailUnverified)
            : new OpenSession();
    }
}

/// <summary>The proof opens a session.</summary>
public sealed record OpenSession : LoginDecision;

/// <summary>Credentials have changed since the proof was made, so the identity has to be proved again.</summary>
public sealed record ProveAgain : LoginDecision;

/// <summary>The login is refused.</summary>
/// <param name="Code">The reason for the client.</param>
public sealed record RefuseLogin(ErrorCode Code) : LoginDecision;
