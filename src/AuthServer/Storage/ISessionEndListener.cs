using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>The end of a session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct SessionEnd(Guid SessionId, EndReason Reason);

/// <summary>Who has to know of ended sessions at once.</summary>
internal interface ISessionEndListener
{
    /// <summary>Called after the commit and before anybody is answered.</summary>
    void OnEnded(IReadOnlyList<SessionEnd> ends);
}
