namespace AuthServer.Core;

/// <summary>A live session of the user who logs in.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="CreatedAt">The moment of its login.</param>
public readonly record struct LiveSession(Guid Id, DateTimeOffset CreatedAt);

/// <summary>Decision on a login that needs a session: one of the records below.</summary>
public abstract record Admission
{
    private protected Admission()
    {
    }
}

/// <summary>Admits the login.</summary>
/// <param name="Displaced">Sessions to end as <see cref="EndReason.Displaced"/>, oldest first; empty if there is room.</param>
public sealed record Admitted(IReadOnlyList<Guid> Displaced) : Admission;

/// <summary>Refuses the login with <see cref="ErrorCode.TooManySessions"/>.</summary>
public sealed record AdmissionRefused : Admission;

/// <summary>Limits the number of live sessions per user.</summary>
public static class SessionAdmission
{
    /// <summary>Decides on a login, given the sessions that its user already has. Pure.</summary>
    /// <param name="live">The user's live sessions, neither ended nor expired, in any order.</param>
    /// <param name="policy">The limit, and the behavior beyond it.</param>
    public static Admission Admit(IReadOnlyCollection<LiveSession> live, SessionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(policy);
        var excess = live.Count + 1 - policy.MaxPerUser;
        if (policy.MaxPerUser == 0 || excess <= 0)
        {
            return new Admitted([]);
        }

        return policy.WhenFull == WhenFull.Refuse
            ? new AdmissionRefused()
            : new Admitted([.. live.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id).Take(excess).Select(s => s.Id)]);
    }
}
