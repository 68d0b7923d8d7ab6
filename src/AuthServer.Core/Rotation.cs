namespace AuthServer.Core;

/// <summary>What a refresh does to its session: one of the records below.</summary>
public abstract record RotationDecision
{
    private protected RotationDecision()
    {
    }
}

/// <summary>The session has ended before; nothing changes.</summary>
/// <param name="Reason">Why it had ended.</param>
public sealed record Refuse(EndReason Reason) : RotationDecision;

/// <summary>The session is over by age and ends as <see cref="EndReason.Expired"/>.</summary>
public sealed record Expire : RotationDecision;

/// <summary>The account is disabled; the session ends as <see cref="EndReason.Disabled"/>.</summary>
public sealed record EndAsDisabled : RotationDecision;

/// <summary>An old token came back; the session ends as <see cref="EndReason.Reused"/>.</summary>
public sealed record EndAsReused : RotationDecision;

/// <summary>The session moves on and its successor token is returned.</summary>
/// <param name="Generation">The session's generation from now on.</param>
/// <param name="Recovered">Whether the presented token was newer than the store, which must have lost writes.</param>
public sealed record Rotate(uint Generation, bool Recovered) : RotationDecision;

/// <summary>A retry: the same successor again. Nothing changes, the grace does not slide.</summary>
/// <param name="Generation">The session's generation, as it was.</param>
public sealed record Repeat(uint Generation) : RotationDecision;

/// <summary>The only authority on what a refresh does.</summary>
public static class Rotation
{
    /// <summary>
    /// What presenting a genuine refresh token does to its session. Pure: the same facts give the same decision.
    /// Source: RFC 9700 §4.14.2, with a derived successor in place of a drawn one.
    /// </summary>
    /// <param name="session">The session as stored.</param>
    /// <param name="presented">The generation that the presented token names.</param>
    /// <param name="now">The moment of the decision.</param>
    /// <param name="policy">Lifetimes and grace.</param>
    public static RotationDecision Decide(SessionState session, uint presented, DateTimeOffset now, SessionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (session.EndReason is { } reason)
        {
            return new Refuse(reason);
        }

        // The last generation has no successor, so a session that got there is over.
        if (now >= policy.ExpiryOf(session.CreatedAt, session.RotatedAt) || presented == uint.MaxValue)
        {
            return new Expire();
        }

        if (session.UserDisabled)
        {
            return new EndAsDisabled();
        }

        if (presented >= session.Generation)
        {
            return new Rotate(presented + 1, Recovered: presented > session.Generation);
        }

        var isRetry = policy.Grace > TimeSpan.Zero
            && presented + 1 == session.Generation
            && now - session.RotatedAt <= policy.Grace;
        return isRetry ? new Repeat(session.Generation) : new EndAsReused();
    }
}
