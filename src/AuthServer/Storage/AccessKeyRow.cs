using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A key of access tokens. Its secret or private key is sealed; its public key is computed and not stored.</summary>
internal sealed class AccessKeyRow : IEntityTypeConfiguration<AccessKeyRow>
{
    public required int Number { get; set; }

    public required string Algorithm { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required DateTimeOffset SignsFrom { get; set; }

    public DateTimeOffset? SignsUntil { get; set; }

    public DateTimeOffset? GoneAt { get; set; }

    /// <summary>A <see cref="SealedValue"/>.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>The life of the key.</summary>
    public AccessKeyPeriod ToPeriod() => new(Number, Algorithm, CreatedAt, SignsFrom, SignsUntil, GoneAt);

    /// <summary>True if the key verifies nothing any more.</summary>
    public bool IsGoneAt(DateTimeOffset now) => now >= GoneAt;

    public void Configure(EntityTypeBuilder<AccessKeyRow> builder)
    {
        builder.ToTable("access_keys");
        builder.HasKey(key => key.Number);
        builder.Property(key => key.Number).ValueGeneratedNever();
    }
}
