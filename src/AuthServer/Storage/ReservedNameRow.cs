using AuthServer.Core;
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

/// <summary>Names that accounts have, or have given up.</summary>
internal static class ReservedNames
{
    /// <summary>
    /// True if an account has a name, or another account than this one has given it up. The accounts are asked first: a name that
    /// is given up meanwhile is reserved by the time of the second query.
    /// </summary>
    /// <param name="db">The context.</param>
    /// <param name="name">The name.</param>
    /// <param name="ct">Cancels the queries.</param>
    /// <param name="owner">The account that asks for the name; null for a new one.</param>
    public static async Task<bool> IsTakenAsync(this AuthDbContext db, Username name, CancellationToken ct, Guid? owner = null) =>
        await db.Users.AnyAsync(u => u.NormalizedUsername == name.Normalized, ct)
        || await db.ReservedNames.AnyAsync(r => r.Name == name.Normalized && r.UserId != owner, ct);

    /// <summary>Reserves the name that an account has, which it gives up in this transaction.</summary>
    public static void Reserve(this WriteTransaction transaction, UserRow owner) => transaction.Db.ReservedNames.Add(new()
    {
        Name = owner.NormalizedUsername,
        UserId = owner.Id,
        ReservedAt = transaction.Now,
    });
}
