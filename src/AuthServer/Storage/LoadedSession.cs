using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>
/// A session and its user as one transaction has loaded them. Only that <see cref="WriteTransaction"/> changes it.
/// </summary>
/// <param name="row">The session.</param>
/// <param name="user">Its user.</param>
/// <param name="owner">The changes of that transaction, the only ones that the session can become part of.</param>
internal sealed class LoadedSession(SessionRow row, TokenSubject user, SessionChanges owner)
{
    /// <summary>The generation that was loaded. A write is conditional on it if other nodes write too.</summary>
    public uint LoadedGeneration { get; } = row.Generation;

    public SessionRow Row => row;

    public TokenSubject User => user;

    /// <summary>True if there is something to write.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Becomes part of the changes, before the row is changed.</summary>
    /// <exception cref="InvalidOperationException">The session has ended, or another transaction has loaded it.</exception>
    public void Change(SessionChanges changes)
    {
        if (owner != changes || row.EndedAt is not null)
        {
            throw new InvalidOperationException("A transaction changes only sessions that it has loaded and that are live.");
        }

        if (!IsChanged)
        {
            IsChanged = true;
            changes.Changed.Add(this);
        }
    }

    /// <summary>Adds the end of a session that had ended before to the changes.</summary>
    /// <exception cref="InvalidOperationException">The session is live, or another transaction has loaded it.</exception>
    public void Confirm(SessionChanges changes)
    {
        if (owner != changes || row is not { EndedAt: { } endedAt, EndReason: { } reason })
        {
            throw new InvalidOperationException("A transaction confirms only sessions that it has loaded and that have ended.");
        }

        changes.Confirmed.Add(new SessionEnd(row.Id, reason, endedAt));
    }
}
