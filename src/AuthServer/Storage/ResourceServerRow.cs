using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A back end that may ask about tokens and hear of ended sessions.</summary>
internal sealed class ResourceServerRow : IEntityTypeConfiguration<ResourceServerRow>
{
    public required string Name { get; set; }

    /// <summary>SHA-256 of its secret, which is random and so can't be guessed from it.</summary>
    public required byte[] SecretHash { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public void Configure(EntityTypeBuilder<ResourceServerRow> builder)
    {
        builder.ToTable("resource_servers");
        builder.HasKey(server => server.Name);
    }
}
