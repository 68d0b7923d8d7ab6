using AuthServer.Core;
namespace AuthServer.Storage.Postgres;

/// <summary>What this node knows of its place among the others. Safe to share.</summary>
internal sealed class PostgresNode
{
    private volatile bool isListening;
    private long offset;

    /// <summary>Whether it hears at once of sessions that others end.</summary>
    public bool IsListening
    {
        get => isListening;
        set => isListening = value;
    }

    /// <summary>How far its clock is ahead of the database's.</summary>
    public TimeSpan ClockOffset
    {
        get => new(Volatile.Read(ref offset));
        set => Volatile.Write(ref offset, value.Ticks);
    }

    /// <summary>What keeps it from being ready; null for nothing.</summary>
    public string? NotReadyReason =>
        !IsListening ? "It does not hear of sessions that other nodes end."
        : ClockOffset.Duration() > EndedSessionMemory.ClockTolerance ? "Its clock and the database's differ too much."
        : null;
}
