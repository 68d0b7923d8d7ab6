using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A user name that was given up. No other account gets it.</summary>
internal sealed class ReservedNameRow : IEntityTypeConfiguration<ReservedNameRow>
{
    /// <summary>The name in normal form.</summary>
    public required string Name { get; set; }

    /// <summary>The account that had it. The row outlives the account.</summary>
    public required Guid UserId { get; set; }

    public required DateTimeOffset ReservedAt { get; set; }

    public void Configure(EntityTypeBuilder<ReservedNameRow> builder)
    {
        builder.ToTable("reserved_names");
        builder.HasKey(name => name.Name);
        builder.HasIndex(name => name.UserId);
    }
}
