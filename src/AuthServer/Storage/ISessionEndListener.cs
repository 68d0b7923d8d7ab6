using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>The end of a session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct SessionEnd(Guid SessionId, EndReason Reason);

/// <summary>Who has to know of ended sessions at once.</summary>
internal interface ISessionEndListener
{
    /// <summary>How long it has to know of an end.</summary>
    TimeSpan Memory { get; }

    /// <summary>
    /// Called after the commit and before anybody is answered; and with what other nodes have ended, as soon as that is heard of. It may
    /// be told of an end more than once.
    /// </summary>
    void OnEnded(IReadOnlyList<SessionEnd> ends);
}
