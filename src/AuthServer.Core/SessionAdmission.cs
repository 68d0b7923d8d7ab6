namespace AuthServer.Core;

/// <summary>A live session of the user who logs in.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="CreatedAt">Its login.</param>
public readonly record struct LiveSession(Guid Id, DateTimeOffset CreatedAt);

/// <summary>Whether a new login gets a session, and at whose cost.</summary>
public static class SessionAdmission
{
    /// <summary>Decides on a login beside the sessions that its user has already. Pure.</summary>
    /// <param name="live">The user's live sessions, neither ended nor expired, in any order.</param>
    /// <param name="policy">How many sessions a user may have, and what happens beyond.</param>
    /// <returns>The sessions to end as <see cref="EndReason.Displaced"/>, oldest first; null where the login is refused.</returns>
    public static IReadOnlyList<Guid>? Admit(IReadOnlyCollection<LiveSession> live, SessionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(policy);
        var excess = live.Count + 1 - policy.MaxPerUser;
        if (policy.MaxPerUser == 0 || excess <= 0)
        {
            return [];
        }

        return policy.WhenFull == WhenFull.Refuse
            ? null
            : [.. live.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id).Take(excess).Select(s => s.Id)];
    }
}
