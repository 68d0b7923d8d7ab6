using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Everything that one transaction does to sessions and events.</summary>
internal sealed class SessionChanges
{
    /// <summary>New sessions.</summary>
    public List<SessionRow> Opened { get; } = [];

    /// <summary>Loaded sessions that were advanced or ended, each once.</summary>
    public List<LoadedSession> Changed { get; } = [];

    public List<EventRow> Events { get; } = [];

    /// <summary>Ends of this transaction.</summary>
    public List<SessionEnd> Ended { get; } = [];

    /// <summary>Ends of earlier transactions whose caller asks again because it had no answer.</summary>
    public List<SessionEnd> Confirmed { get; } = [];

    /// <summary>
    /// Adds an event. Failed logins of an account are added up by the minute, because one statement can't change a row twice.
    /// </summary>
    public void Record(EventRow row)
    {
        var before = row.Kind == EventKind.LoginFailed
            ? Events.FindIndex(e => e.Kind == EventKind.LoginFailed && e.UserId == row.UserId && e.At == row.At)
            : -1;
        if (before < 0)
        {
            Events.Add(row);
            return;
        }

        row.Count += Events[before].Count;
        Events[before] = row;
    }
}
