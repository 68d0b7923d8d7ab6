namespace AuthServer.Core;

/// <summary>Notified when sessions end.</summary>
public interface ISessionEndListener
{
    /// <summary>
    /// Called after the commit and before any caller gets an answer, and again when the ends of another node are read. The same
    /// end may be passed more than once.
    /// </summary>
    void OnEnded(IReadOnlyList<SessionEnd> ends);
}
