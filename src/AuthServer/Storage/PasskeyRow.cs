using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A passkey of an account. Source: Web Authentication Level 3 §4, credential record.</summary>
internal sealed class PasskeyRow : IEntityTypeConfiguration<PasskeyRow>
{
    public required Guid Id { get; set; }

    public required Guid UserId { get; set; }

    /// <summary>The id that the authenticator gave it.</summary>
    public required byte[] CredentialId { get; set; }

    /// <summary>The public key in the form of COSE.</summary>
    public required byte[] PublicKey { get; set; }

    /// <summary>The counter of its newest signature; 0 if the authenticator has none.</summary>
    public long SignCount { get; set; }

    /// <summary>The ways to reach the authenticator, such as <c>internal</c>, as its browser named them.</summary>
    public List<string> Transports { get; set; } = [];

    /// <summary>True if the authenticator may copy it to other devices.</summary>
    public bool IsBackupEligible { get; set; }

    /// <summary>True if it has been copied to other devices.</summary>
    public bool IsBackedUp { get; set; }

    /// <summary>The name that the user gave it.</summary>
    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>The moment of the last proof by it; null if there was none.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public void Configure(EntityTypeBuilder<PasskeyRow> builder)
    {
        builder.ToTable("passkeys");
        builder.Property(passkey => passkey.Id).ValueGeneratedNever();
        builder.HasIndex(passkey => passkey.CredentialId).IsUnique();
        builder.HasIndex(passkey => passkey.UserId);
        builder.HasOne<UserRow>().WithMany().HasForeignKey(passkey => passkey.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
