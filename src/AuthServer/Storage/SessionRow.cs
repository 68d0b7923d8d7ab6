using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>
/// A session: one login on one device, one row through all its rotations. It holds no token and no hash of one. Requests
/// write it by <see cref="ISessionSql"/>. EF Core reads it for lists, and writes a newer proof into it.
/// </summary>
internal sealed class SessionRow : IEntityTypeConfiguration<SessionRow>
{
    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    /// <summary>The generation of its newest refresh token. A session of a cookie has its epoch here.</summary>
    public uint Generation { get; set; }

    /// <inheritdoc cref="SessionState.NewestPresented"/>
    public uint? NewestPresented { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The moment of the last rotation, or of the last use of a cookie that was written.</summary>
    public DateTimeOffset RotatedAt { get; set; }

    /// <summary>The moment of the newest proof of the user: the claim <c>auth_time</c>.</summary>
    public DateTimeOffset AuthenticatedAt { get; set; }

    /// <summary>The methods of that proof: the claim <c>amr</c>.</summary>
    public AuthenticationMethods Methods { get; set; }

    public string? DeviceName { get; set; }

    /// <summary>Address of the login, or of the last rotation or use that was written.</summary>
    public string? IpAddress { get; set; }

    public string? UserAgent { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public EndReason? EndReason { get; set; }

    /// <summary>The facts that <see cref="Rotation"/> decides by.</summary>
    public SessionState ToState(bool userDisabled) => new()
    {
        Generation = Generation,
        NewestPresented = NewestPresented,
        CreatedAt = CreatedAt,
        RotatedAt = RotatedAt,
        EndReason = EndReason,
        UserDisabled = userDisabled,
    };

    /// <summary>The grant for tokens of this session, once it is durable.</summary>
    public SessionGrant ToGrant(TokenSubject user, DateTimeOffset now, SessionPolicy policy) =>
        new(
            Id,
            Generation,
            now,
            policy.ExpiryOf(CreatedAt, RotatedAt),
            CreatedAt + policy.AbsoluteLifetime,
            AuthenticatedAt,
            Methods,
            user);

    public void Configure(EntityTypeBuilder<SessionRow> builder)
    {
        builder.ToTable("sessions");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.HasOne<UserRow>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);

        // No index covers a column that a rotation changes: a refresh writes one row and nothing else.
        // The first has the live sessions of a user by id, and the ended ones by their end.
        builder.HasIndex(s => new { s.UserId, s.EndedAt, s.Id });
        builder.HasIndex(s => s.EndedAt).HasFilter("ended_at IS NOT NULL");
    }
}
