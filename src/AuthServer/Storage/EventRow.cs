using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>An entry of the audit log, written in the transaction that it records. It outlives the rows that it names.</summary>
internal sealed class EventRow : IEntityTypeConfiguration<EventRow>
{
    /// <summary>The condition of the unique index by which failed logins are counted.</summary>
    public const string IsFailedLogin = "kind = 2";

    /// <summary>
    /// The condition of the unique index by which the other kinds of <see cref="CountsByAccount"/> are counted. 5 is
    /// RefreshShared, 9 PasswordChangeFailed, 30 SecondFactorFailed and 35 PasskeyRejected.
    /// </summary>
    public const string IsCountedByAccount = "kind IN (5, 9, 30, 35)";

    public long Id { get; set; }

    /// <summary>The moment; for counted events the minute in which they are counted.</summary>
    public DateTimeOffset At { get; set; }

    public EventKind Kind { get; set; }

    /// <summary>The account; null if there is none, or if the events are counted by network.</summary>
    public Guid? UserId { get; set; }

    public Guid? SessionId { get; set; }

    public EndReason? Reason { get; set; }

    /// <summary>Number of times; more than 1 for counted events alone.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Address of the request that caused it; for counted events that of the last one.</summary>
    public string? IpAddress { get; set; }

    public string? UserAgent { get; set; }

    /// <summary>The network that events are counted by, or <see cref="EventRowLimit.Rest"/>; null for all other events.</summary>
    public string? Network { get; set; }

    /// <summary>Few words of ours on the change, such as the roles.</summary>
    public string? Detail { get; set; }

    /// <summary>True if events of a kind are counted by their account, as far as they have one.</summary>
    public static bool CountsByAccount(EventKind kind) => kind
        is EventKind.LoginFailed
        or EventKind.RefreshShared
        or EventKind.PasswordChangeFailed
        or EventKind.SecondFactorFailed
        or EventKind.PasskeyRejected;

    /// <summary>The row of an event.</summary>
    public static EventRow Of(SecurityEvent one, DateTimeOffset at) => new()
    {
        At = at,
        Kind = one.Kind,
        UserId = one.UserId,
        SessionId = one.SessionId,
        Reason = one.Reason,
        IpAddress = one.Client?.IpAddress,
        UserAgent = one.Client?.UserAgent,
        Detail = one.Detail,
    };

    public void Configure(EntityTypeBuilder<EventRow> builder)
    {
        builder.ToTable("events");

        // Newest first, of an account and of a kind. Ids are in the order of time.
        builder.HasIndex(e => new { e.UserId, e.Id });
        builder.HasIndex(e => new { e.Kind, e.Id });

        // One row for an account and minute. Nodes of the version before write by the condition kind IN (5, 9), for which
        // PostgreSQL takes the second of these indexes too.
        builder.HasIndex(e => new { e.UserId, e.At }).IsUnique().HasFilter(IsFailedLogin);
        builder.HasIndex(e => new { e.Kind, e.UserId, e.At }).IsUnique().HasFilter(IsCountedByAccount);

        // One row for a network and minute.
        builder.HasIndex(e => new { e.Kind, e.Network, e.At }).IsUnique().HasFilter("network IS NOT NULL");
    }
}
