namespace AuthServer.Core;

/// <summary>Effect of a refresh on its session: one of the records below, with what the store has to write.</summary>
public abstract record RotationDecision
{
    private protected RotationDecision()
    {
    }
}

/// <summary>Refuses the refresh because the session has already ended. Nothing is written.</summary>
/// <param name="Reason">The reason of that end.</param>
public sealed record Refuse(EndReason Reason) : RotationDecision;

/// <summary>Ends the session as <see cref="EndReason.Expired"/>: its lifetime is over, or its generations are used up.</summary>
public sealed record Expire : RotationDecision;

/// <summary>Ends the session as <see cref="EndReason.Disabled"/> because its account is disabled.</summary>
public sealed record EndAsDisabled : RotationDecision;

/// <summary>Ends the session as <see cref="EndReason.Reused"/> because the presented token can't be a retry.</summary>
public sealed record EndAsReused : RotationDecision;

/// <summary>Advances the session to a new generation. Its token is returned.</summary>
/// <param name="Generation">The session's new generation.</param>
/// <param name="NewestPresented">The session's new <see cref="SessionState.NewestPresented"/>: the presented generation.</param>
/// <param name="RotatedAt">The session's new rotation time: the moment of the decision.</param>
public abstract record Advance(uint Generation, uint NewestPresented, DateTimeOffset RotatedAt) : RotationDecision;

/// <summary>Rotates the session to the successor of the presented token.</summary>
/// <param name="Generation">The session's new generation.</param>
/// <param name="NewestPresented">The session's new <see cref="SessionState.NewestPresented"/>: the presented generation.</param>
/// <param name="RotatedAt">The session's new rotation time: the moment of the decision.</param>
/// <param name="Recovered">True if the presented token was newer than the store, which must have lost writes.</param>
public sealed record Rotate(uint Generation, uint NewestPresented, DateTimeOffset RotatedAt, bool Recovered)
    : Advance(Generation, NewestPresented, RotatedAt);

/// <summary>Answers a retry with the same successor again. Nothing is written, so the grace is not extended.</summary>
/// <param name="Generation">The session's generation, unchanged.</param>
public sealed record Repeat(uint Generation) : RotationDecision;

/// <summary>
/// Answers a late retry with a new successor. The successor before it, which no request has presented, is skipped.
/// </summary>
/// <param name="Generation">The session's new generation.</param>
/// <param name="NewestPresented">
/// The session's <see cref="SessionState.NewestPresented"/>, unchanged: the presented generation.
/// </param>
/// <param name="RotatedAt">The session's new rotation time: the moment of the decision.</param>
public sealed record Skip(uint Generation, uint NewestPresented, DateTimeOffset RotatedAt)
    : Advance(Generation, NewestPresented, RotatedAt);

/// <summary>
/// Advances a session past every token that it has given out, after a proof of identity. The newest generation that counts
/// as presented is newer than all of these, and no client has its token. So each of these is reuse, within the grace too.
/// </summary>
/// <param name="Generation">The session's new generation.</param>
/// <param name="NewestPresented">The session's new <see cref="SessionState.NewestPresented"/>.</param>
/// <param name="RotatedAt">The session's new rotation time: the moment of the decision.</param>
public sealed record Replace(uint Generation, uint NewestPresented, DateTimeOffset RotatedAt)
    : Advance(Generation, NewestPresented, RotatedAt);

/// <summary>The only authority on the effect of a refresh.</summary>
public static class Rotation
{
    /// <summary>
    /// Decides the effect of presenting a genuine refresh token on its session. Pure: the same facts give the same decision.
    /// Source: RFC 9700 §4.14.2, with a derived successor instead of a random one.
    /// </summary>
    /// <param name="session">The session as stored.</param>
    /// <param name="presented">The generation that the presented token names.</param>
    /// <param name="now">The moment of the decision.</param>
    /// <param name="policy">Lifetimes, grace and late retries.</param>
    public static RotationDecision Decide(SessionState session, uint presented, DateTimeOffset now, SessionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (session.EndReason is { } reason)
        {
            return new Refuse(reason);
        }

        // The last generation has no successor.
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
            return new Rotate(presented + 1, presented, now, Recovered: presented > session.Generation);
        }

        if (session.NewestPresented is not { } newest || presented < newest)
        {
            return new EndAsReused();
        }

        if (policy.Grace > TimeSpan.Zero && now - session.RotatedAt <= policy.Grace)
        {
            return new Repeat(session.Generation);
        }

        // A token newer than the newest presented one is a skipped successor, so a second party holds tokens of this session.
        if (presented > newest || !policy.TakesLateRetries)
        {
            return new EndAsReused();
        }

        return session.Generation == uint.MaxValue ? new Expire() : new Skip(session.Generation + 1, newest, now);
    }

    /// <summary>
    /// Decides the effect of presenting a genuine refresh token with a proof of identity. A token that a refresh would accept
    /// replaces all tokens of the session. Any other is refused as by a refresh. Pure.
    /// </summary>
    /// <inheritdoc cref="Decide" path="/param"/>
    public static RotationDecision DecideReplacement(
        SessionState session, uint presented, DateTimeOffset now, SessionPolicy policy)
    {
        var refresh = Decide(session, presented, now, policy);
        if (refresh is not (Advance or Repeat))
        {
            return refresh;
        }

        // A store that has lost writes has given out newer tokens than it knows of.
        var newest = Math.Max(session.Generation, presented);
        return newest > uint.MaxValue - 2 ? new Expire() : new Replace(newest + 2, newest + 1, now);
    }
}
