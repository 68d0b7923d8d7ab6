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

    /// <summary>The name that logins are looked up by; see <see cref="Core.Username.Normalized"/>.</summary>
    public required string NormalizedUsername { get; set; }

    public string? Email { get; set; }

    public string? DisplayName { get; set; }

    /// <summary>bcrypt over SHA-384 of the password in NFC.</summary>
    public required string PasswordHash { get; set; }

    /// <summary>
    /// Security stamp: a random value that changes with every change of credentials and when the account is disabled, so that
    /// proofs made before are void.
    /// </summary>
    public Guid SecurityStamp { get; set; }

    public List<string> Roles { get; set; } = [];

    public bool Disabled { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The user as tokens name it.</summary>
    public TokenSubject ToTokenSubject() => new(Id, Username, DisplayName ?? Username, [.. Roles], Disabled);

    /// <summary>The account as a password is checked against it.</summary>
    public Account ToAccount() => new(
        Id,
        NormalizedUsername,
        PasswordHash,
        SecurityStamp,
        Disabled,
        [.. new[] { Username, Email, DisplayName }.OfType<string>()]);

    /// <summary>Decides whether a proof opens a session of the account as it is.</summary>
    public LoginDecision Decide(AuthenticationProof proof) => LoginDecision.Decide(proof, SecurityStamp, Disabled);

    /// <summary>Disables the account, which makes proofs from before void, or enables it again.</summary>
    public void SetDisabled(bool disabled) =>
        (Disabled, SecurityStamp) = (disabled, disabled ? Guid.NewGuid() : SecurityStamp);

    /// <summary>Replaces the password, which makes proofs of the one before void.</summary>
    public void ChangePassword(string passwordHash) => (PasswordHash, SecurityStamp) = (passwordHash, Guid.NewGuid());

    public void Configure(EntityTypeBuilder<UserRow> builder)
    {
        builder.ToTable("users");
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.HasIndex(u => u.NormalizedUsername).IsUnique();
    }
}
