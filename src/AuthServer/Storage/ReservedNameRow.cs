using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>A user name that was given up. No other account gets it.</summary>
internal sealed class ReservedNameRow : IEntityTypeConfiguration<ReservedNameRow>
{
    /// <summary>The name in normal form.</summary>
    public required string Name { get; set; }

    /// <summary>The account that had it, while that account is in use. Then null: the row says nothing about its owner.</summary>
    public Guid? UserId { get; set; }

    /// <summary>The moment when it was given up; null as the account is. It would name the event of the deletion.</summary>
    public DateTimeOffset? ReservedAt { get; set; }

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
        || await db.ReservedNames.AnyAsync(
            r => r.Name == name.Normalized && (owner == null || r.UserId == null || r.UserId != owner), ct);

    /// <summary>Reserves the name that an account has, which it gives up in this transaction.</summary>
    public static Task ReserveAsync(this WriteTransaction transaction, UserRow owner, CancellationToken ct) =>
        transaction.AddAsync(owner.NormalizedUsername, owner.Id, transaction.Now, ct);

    /// <summary>
    /// Reserves the name of an account that is deleted in this transaction, and removes the account from those that it gave up
    /// before.
    /// </summary>
    public static async Task ReserveForeverAsync(this WriteTransaction transaction, UserRow owner, CancellationToken ct)
    {
        await transaction.Db.ForgetOwnersAsync([owner.Id], ct);
        await transaction.AddAsync(owner.NormalizedUsername, owner: null, at: null, ct);
    }

    /// <summary>Removes accounts from the names that they gave up, which stay reserved.</summary>
    public static Task ForgetOwnersAsync(this AuthDbContext db, IReadOnlyCollection<Guid> owners, CancellationToken ct) =>
        db.ReservedNames.Where(r => r.UserId != null && owners.Contains(r.UserId.Value)).ExecuteUpdateAsync(
            set => set.SetProperty(r => r.UserId, (Guid?)null).SetProperty(r => r.ReservedAt, (DateTimeOffset?)null), ct);

    // By hand, because a name may be reserved already: a node of the version before gives reserved names to new accounts.
    private static Task<int> AddAsync(
        this WriteTransaction transaction, string name, Guid? owner, DateTimeOffset? at, CancellationToken ct)
    {
        var reservedAt = at?.ToUnixTimeMilliseconds();
        return transaction.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO reserved_names (name, user_id, reserved_at) VALUES ({name}, {owner}, {reservedAt})
            ON CONFLICT (name) DO NOTHING
            """,
            ct);
    }
}
