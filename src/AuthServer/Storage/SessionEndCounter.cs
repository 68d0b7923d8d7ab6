using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Counts the sessions that end.</summary>
internal sealed class SessionEndCounter(AuthMeter meter) : ISessionEndListener
{
    public void OnEnded(IReadOnlyList<SessionEnd> ends)
    {
        foreach (var end in ends)
        {
            meter.SessionEnded(end.Reason);
        }
    }
}
