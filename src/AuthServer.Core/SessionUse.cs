namespace AuthServer.Core;

/// <summary>Effect of a request with a session handle: one of the records below.</summary>
public abstract record UseDecision
{
    private protected UseDecision()
    {
    }
}

/// <summary>The request is of the session.</summary>
/// <param name="Epoch">The epoch of the session. Higher than the stored one if the store has lost writes.</param>
/// <param name="IsDue">True if the use has to be written: the last one that was is too long ago, or the epoch is higher.</param>
public sealed record AcceptUse(uint Epoch, bool IsDue) : UseDecision;

/// <summary>The request is refused because the session is over. Nothing is written.</summary>
/// <param name="Reason">The reason of its end.</param>
public sealed record RefuseUse(EndReason Reason) : UseDecision;

/// <summary>The request is refused because its handle is from before a change: a copy, or of an answer that was lost.</summary>
public sealed record RefuseOldHandle : UseDecision;

/// <summary>The only authority on the effect of a session handle.</summary>
public static class SessionUse
{
    /// <summary>Decides the effect of a genuine handle on its session. Pure: the same facts give the same decision.</summary>
    /// <param name="session">The session as stored. Its generation is the epoch, its rotation time that of the last use.</param>
    /// <param name="epoch">The epoch of the handle.</param>
    /// <param name="now">The moment of the decision.</param>
    /// <param name="policy">Lifetimes, and the interval between two uses that are written.</param>
    public static UseDecision Decide(SessionState session, uint epoch, DateTimeOffset now, SessionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (session.EndReason is { } reason)
        {
            return new RefuseUse(reason);
        }

        // The last epoch has no successor.
        if (now >= policy.ExpiryOf(session.CreatedAt, session.RotatedAt) || epoch == uint.MaxValue)
        {
            return new RefuseUse(EndReason.Expired);
        }

        if (session.UserDisabled)
        {
            return new RefuseUse(EndReason.Disabled);
        }

        return epoch < session.Generation
            ? new RefuseOldHandle()
            : new AcceptUse(epoch, IsDue: epoch > session.Generation || now - session.RotatedAt >= policy.UseInterval);
    }
}
