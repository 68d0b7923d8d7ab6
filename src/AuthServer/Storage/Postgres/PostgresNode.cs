using AuthServer.Core;
namespace AuthServer.Storage.Postgres;

/// <summary>State of this node among the nodes of its database. As a condition, its clock. Safe to share.</summary>
internal sealed class PostgresNode : INodeCondition
{
    private volatile bool isListening;
    private long offset;

    /// <summary>True if it is notified at once of sessions that other nodes end.</summary>
    public bool IsListening
    {
        get => isListening;
        set => isListening = value;
    }

    /// <summary>Time by which its clock is ahead of the database's.</summary>
    public TimeSpan ClockOffset
    {
        get => new(Volatile.Read(ref offset));
        set => Volatile.Write(ref offset, value.Ticks);
    }

    /// <inheritdoc/>
    public string? NotReadyReason =>
        ClockOffset.Duration() > EndedSessionMemory.ClockTolerance ? "Its clock and the database's differ too much." : null;

    /// <inheritdoc/>
    public bool IsOfNodeAlone => true;
}
