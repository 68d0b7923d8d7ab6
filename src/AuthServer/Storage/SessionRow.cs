using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A session: one login on one device, one row whatever it has been through. It holds no token and no hash of one.</summary>
internal sealed class SessionRow : IEntityTypeConfiguration<SessionRow>
{
    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public UserRow User { get; set; } = null!;

    public uint Generation { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset RotatedAt { get; set; }

    public string? DeviceName { get; set; }

    /// <summary>Where the login or the last rotation came from.</summary>
    public string? IpAddress { get; set; }

    public string? UserAgent { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public EndReason? EndReason { get; set; }

    /// <summary>What <see cref="Rotation"/> asks of it.</summary>
    public SessionState ToState(bool userDisabled) => new()
    {
        Generation = Generation,
        CreatedAt = CreatedAt,
        RotatedAt = RotatedAt,
        EndReason = EndReason,
        UserDisabled = userDisabled,
    };

    public void Configure(EntityTypeBuilder<SessionRow> builder)
    {
        builder.ToTable("sessions");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.HasOne(s => s.User).WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);

        // What EF Core writes is conditional on them: what was rotated or ended meanwhile is decided on again.
        builder.Property(s => s.Generation).IsConcurrencyToken();
        builder.Property(s => s.EndedAt).IsConcurrencyToken();

        // No index covers a column that a rotation changes: a refresh writes one row and nothing else.
        builder.HasIndex(s => s.UserId);
        builder.HasIndex(s => s.EndedAt).HasFilter("ended_at IS NOT NULL");
    }
}
