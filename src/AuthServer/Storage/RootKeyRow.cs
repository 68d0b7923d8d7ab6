using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>
/// A root key that the database was used with. The first node that has it adds the row, and every start compares its keys.
/// </summary>
internal sealed class RootKeyRow : IEntityTypeConfiguration<RootKeyRow>
{
    public required int Number { get; set; }

    /// <summary>A value that distinguishes keys of the same number without disclosing them.</summary>
    public required byte[] Fingerprint { get; set; }

    /// <summary>The last moment at which a node is known to have created with this key; null if none has.</summary>
    public DateTimeOffset? CreatedWithAt { get; set; }

    /// <summary>The moment when an operator revoked the key; null if that did not happen.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    public void Configure(EntityTypeBuilder<RootKeyRow> builder)
    {
        builder.ToTable("root_keys");
        builder.HasKey(key => key.Number);
        builder.Property(key => key.Number).ValueGeneratedNever();
    }
}
