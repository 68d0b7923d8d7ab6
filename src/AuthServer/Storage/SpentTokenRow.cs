using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A challenge or a state that was used. It carries its own end, after which no row is needed.</summary>
internal sealed class SpentTokenRow : IEntityTypeConfiguration<SpentTokenRow>
{
    public required Guid Id { get; set; }

    public required DateTimeOffset EndsAt { get; set; }

    public void Configure(EntityTypeBuilder<SpentTokenRow> builder)
    {
        builder.ToTable("spent_tokens");
        builder.Property(token => token.Id).ValueGeneratedNever();
        builder.HasIndex(token => token.EndsAt);
    }
}

/// <summary>Sealed tokens that work once on all nodes.</summary>
internal static class SpentTokens
{
    /// <summary>Time after the end of a token for which its use is kept, because the clocks of nodes differ.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Uses a token up, if the transaction is committed. False if it was used before. A second transaction waits for the first.
    /// </summary>
    public static async Task<bool> TrySpendAsync(
        this WriteTransaction transaction, Guid id, DateTimeOffset endsAt, CancellationToken ct) =>
        await transaction.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO spent_tokens (id, ends_at) VALUES ({id}, {endsAt.ToUnixTimeMilliseconds()})
            ON CONFLICT (id) DO NOTHING
            """,
            ct) == 1;
}
