using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>The authenticator app of an account. Source: RFC 6238.</summary>
internal sealed class TotpRow : IEntityTypeConfiguration<TotpRow>
{
    public required Guid UserId { get; set; }

    /// <summary>The secret as a <see cref="Core.SealedValue"/>.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>The root key that it is sealed under.</summary>
    public required int RootKey { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>The moment from which it counts; null until its first code was given.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>The time step of the newest code that was accepted, so that none is accepted twice.</summary>
    public long LastStep { get; set; }

    public void Configure(EntityTypeBuilder<TotpRow> builder)
    {
        builder.ToTable("totps");
        builder.HasKey(totp => totp.UserId);
        builder.Property(totp => totp.UserId).ValueGeneratedNever();
        builder.HasIndex(totp => totp.RootKey);
        builder.HasOne<UserRow>().WithMany().HasForeignKey(totp => totp.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
