using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>An account.</summary>
internal sealed class UserRow : IEntityTypeConfiguration<UserRow>
{
    public Guid Id { get; set; }

    /// <summary>The name as its owner wrote it.</summary>
    public required string Username { get; set; }

    /// <summary>What the name is found by; see <see cref="Core.Username.Normalized"/>.</summary>
    public required string NormalizedUsername { get; set; }

    public string? Email { get; set; }

    public string? DisplayName { get; set; }

    /// <summary>bcrypt over SHA-384 of the password in NFC.</summary>
    public required string PasswordHash { get; set; }

    public List<string> Roles { get; set; } = [];

    public bool Disabled { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>What decisions and tokens need of this user.</summary>
    public TokenSubject ToTokenSubject() => new(Id, Username, DisplayName ?? Username, [.. Roles], Disabled);

    public void Configure(EntityTypeBuilder<UserRow> builder)
    {
        builder.ToTable("users");
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.HasIndex(u => u.NormalizedUsername).IsUnique();
    }
}
