using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>State of a mail. The numbers are stored: never reuse one.</summary>
internal enum MailState
{
    /// <summary>Sent as soon as it is due.</summary>
    Waiting = 1,

    /// <summary>Taken by the mail server, or written to the folder.</summary>
    Sent = 2,

    /// <summary>Refused for good, or tried for too long.</summary>
    Failed = 3,

    /// <summary>Its link has been used.</summary>
    Used = 4,
}

/// <summary>
/// A mail of the outbox, written in the transaction that causes it. It has no secret, because a link is made together with the
/// text of its mail.
/// </summary>
internal sealed class MailRow : IEntityTypeConfiguration<MailRow>
{
    public required Guid Id { get; set; }

    public required MailKind Kind { get; set; }

    public required MailState State { get; set; }

    /// <summary>
    /// The account. Empty if a stranger named none: such a request takes a row like any other, so that its time does not disclose
    /// accounts.
    /// </summary>
    public required Guid UserId { get; set; }

    /// <summary>
    /// The security stamp of the account at the request. If it has changed, a mail with a link is not sent.
    /// </summary>
    public required Guid SecurityStamp { get; set; }

    /// <summary>The address that it is sent to; empty if there is no account.</summary>
    public required string Address { get; set; }

    /// <summary>The address in normal form, by which mails are counted.</summary>
    public required string NormalizedAddress { get; set; }

    /// <summary>A few words for its text, such as a device; null for none.</summary>
    public string? Detail { get; set; }

    /// <summary>The session that asked for it; null if there was none.</summary>
    public Guid? SessionId { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>The moment of the next attempt; of the last one, if it is sent or has failed.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Number of attempts.</summary>
    public int Attempts { get; set; }

    /// <summary>The problem of the last attempt, in a few words of ours; null if there was none.</summary>
    public string? Problem { get; set; }

    public void Configure(EntityTypeBuilder<MailRow> builder)
    {
        builder.ToTable("mails");
        builder.Property(mail => mail.Id).ValueGeneratedNever();
        builder.HasIndex(mail => new { mail.State, mail.DueAt });
        builder.HasIndex(mail => new { mail.UserId, mail.Kind, mail.CreatedAt });
        builder.HasIndex(mail => new { mail.NormalizedAddress, mail.Kind, mail.CreatedAt });
    }
}
