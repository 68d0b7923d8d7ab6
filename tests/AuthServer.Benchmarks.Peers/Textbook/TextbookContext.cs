using Microsoft.EntityFrameworkCore;

namespace Peers.Textbook;

internal sealed record Credentials(string Username, string Password);

internal sealed record Presented(string RefreshToken);

internal sealed class User
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    public required string Username { get; set; }

    public required string PasswordHash { get; set; }
}

internal sealed class RefreshToken
{
    public long Id { get; set; }

    public required string Token { get; set; }

    public required User User { get; set; }

    public required DateTime CreatedAt { get; set; }

    public required DateTime ExpiresAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}

internal sealed class TextbookContext(DbContextOptions<TextbookContext> options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<User>().HasIndex(u => u.Username).IsUnique();
        modelBuilder.Entity<RefreshToken>().HasIndex(t => t.Token).IsUnique();
    }
}
