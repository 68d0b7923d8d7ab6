using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Everything that one transaction does to sessions and events.</summary>
internal sealed class SessionChanges
{
    private readonly List<SessionRow> opened = [];
    private readonly List<LoadedSession> changed = [];
    private readonly List<EventRow> events = [];
    private readonly List<SessionEnd> ended = [];
    private readonly List<SessionEnd> confirmed = [];

    /// <summary>New sessions.</summary>
    public IReadOnlyList<SessionRow> Opened => opened;

    /// <summary>Loaded sessions that were advanced or ended, each once.</summary>
    public IReadOnlyList<LoadedSession> Changed => changed;

    public IReadOnlyList<EventRow> Events => events;

    /// <summary>Ends of this transaction.</summary>
    public IReadOnlyList<SessionEnd> Ended => ended;

    /// <summary>Ends of earlier transactions whose caller asks again because it had no answer.</summary>
    public IReadOnlyList<SessionEnd> Confirmed => confirmed;

    public void Open(SessionRow session) => opened.Add(session);

    /// <summary>Adds a session that is about to be changed.</summary>
    /// <exception cref="InvalidOperationException">Another transaction has loaded it.</exception>
    public void Change(LoadedSession session)
    {
        ThrowUnlessLoaded(session);
        if (!session.IsChanged)
        {
            session.IsChanged = true;
            changed.Add(session);
        }
    }

    public void End(SessionEnd end) => ended.Add(end);

    /// <summary>Adds the end of a session that had ended before.</summary>
    /// <exception cref="InvalidOperationException">Another transaction has loaded the session.</exception>
    public void Confirm(LoadedSession session)
    {
        ThrowUnlessLoaded(session);
        confirmed.Add(new SessionEnd(session.Row.Id, session.Row.EndReason!.Value, session.Row.EndedAt!.Value));
    }

    /// <summary>
    /// Adds an event. Failed logins of an account are added up by the minute, because one statement can't change a row twice.
    /// </summary>
    public void Record(EventRow row)
    {
        var before = row.Kind == EventKind.LoginFailed
            ? events.FindIndex(e => e.Kind == EventKind.LoginFailed && e.UserId == row.UserId && e.At == row.At)
            : -1;
        if (before < 0)
        {
            events.Add(row);
            return;
        }

        row.Count += events[before].Count;
        events[before] = row;
    }

    private void ThrowUnlessLoaded(LoadedSession session)
    {
        if (session.Owner != this)
        {
            throw new InvalidOperationException("A transaction changes and confirms only sessions that it has loaded.");
        }
    }
}
