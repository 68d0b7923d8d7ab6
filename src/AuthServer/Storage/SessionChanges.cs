using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Everything that one transaction does to sessions and events.</summary>
internal sealed class SessionChanges
{
    /// <summary>New sessions.</summary>
    public List<SessionRow> Opened { get; } = [];

    /// <summary>Loaded sessions that were advanced or ended, each once.</summary>
    public List<LoadedSession> Changed { get; } = [];

    /// <summary>Sessions whose epoch was raised, each once.</summary>
    public List<SessionEpoch> Raised { get; } = [];

    /// <summary>Events that are a row each.</summary>
    public List<EventRow> Events { get; } = [];

    /// <summary>Events that are added to the row of their account or network and minute. No two are of one row.</summary>
    public List<EventRow> Counted { get; } = [];

    /// <summary>True if the transaction writes mails.</summary>
    public bool HasMail { get; set; }

    /// <summary>Ends of this transaction.</summary>
    public List<SessionEnd> Ended { get; } = [];

    /// <summary>Ends of earlier transactions whose caller asks again because it had no answer.</summary>
    public List<SessionEnd> Confirmed { get; } = [];
}
