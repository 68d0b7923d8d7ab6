using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>Kinds of events. The numbers are stored: never reuse one.</summary>
internal enum EventKind
{
    /// <summary>A session was opened.</summary>
    Login = 1,

    /// <summary>Logins of a known account failed, counted by the minute.</summary>
    LoginFailed = 2,

    /// <summary>A session ended; a detected reuse has <see cref="EndReason.Reused"/>.</summary>
    SessionEnded = 3,
}

/// <summary>An entry of the audit log, written in the transaction that it records. It outlives the rows that it names.</summary>
internal sealed class EventRow : IEntityTypeConfiguration<EventRow>
{
    public long Id { get; set; }

    /// <summary>The moment; for failed logins the minute in which they are counted.</summary>
    public DateTimeOffset At { get; set; }

    public EventKind Kind { get; set; }

    public Guid UserId { get; set; }

    public Guid? SessionId { get; set; }

    public EndReason? Reason { get; set; }

    /// <summary>Number of times; more than 1 for failed logins alone.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Address of the request that caused it; for failed logins that of the last one.</summary>
    public string? IpAddress { get; set; }

    public string? UserAgent { get; set; }

    public void Configure(EntityTypeBuilder<EventRow> builder)
    {
        builder.ToTable("events");
        builder.HasIndex(e => new { e.UserId, e.Id });

        // 2 is LoginFailed.
        builder.HasIndex(e => new { e.UserId, e.At }).IsUnique().HasFilter("kind = 2");
    }
}
