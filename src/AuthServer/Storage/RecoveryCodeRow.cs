using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A recovery code that was not used. Its use removes the row.</summary>
internal sealed class RecoveryCodeRow : IEntityTypeConfiguration<RecoveryCodeRow>
{
    public required Guid Id { get; set; }

    public required Guid UserId { get; set; }

    /// <summary>The MAC of the code and its account, and before it the number of the root key that it is made under.</summary>
    public required byte[] Mac { get; set; }

    public void Configure(EntityTypeBuilder<RecoveryCodeRow> builder)
    {
        builder.ToTable("recovery_codes");
        builder.Property(code => code.Id).ValueGeneratedNever();
        builder.HasIndex(code => code.UserId);
        builder.HasOne<UserRow>().WithMany().HasForeignKey(code => code.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
