using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A recovery code that was not used. Its use removes the row.</summary>
internal sealed class RecoveryCodeRow : IEntityTypeConfiguration<RecoveryCodeRow>
{
    public required Guid Id { get; set; }

    public required Guid UserId { get; set; }

    /// <summary>The hash of the code as a <see cref="Core.SealedValue"/>: a MAC that can be sealed again.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>The root key that it is sealed under.</summary>
    public required int RootKey { get; set; }

    public void Configure(EntityTypeBuilder<RecoveryCodeRow> builder)
    {
        builder.ToTable("recovery_codes");
        builder.Property(code => code.Id).ValueGeneratedNever();
        builder.HasIndex(code => code.UserId);
        builder.HasIndex(code => code.RootKey);
        builder.HasOne<UserRow>().WithMany().HasForeignKey(code => code.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
