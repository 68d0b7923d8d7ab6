using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>
/// A <see cref="FailureBucket"/>. Its id is one of <see cref="FailureKeys"/>, so the row discloses neither a name nor an address.
/// </summary>
internal sealed class FailureCountRow : IEntityTypeConfiguration<FailureCountRow>
{
    public Guid Id { get; set; }

    public DateTimeOffset EmptyAt { get; set; }

    public DateTimeOffset LastAt { get; set; }

    public void Configure(EntityTypeBuilder<FailureCountRow> builder)
    {
        builder.ToTable("failure_counts");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.HasIndex(c => c.EmptyAt);
        builder.HasIndex(c => c.LastAt);
    }
}
