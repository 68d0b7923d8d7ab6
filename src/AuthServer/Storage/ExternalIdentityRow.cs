using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>An identity of a user at another provider, by which the user logs in.</summary>
internal sealed class ExternalIdentityRow : IEntityTypeConfiguration<ExternalIdentityRow>
{
    /// <summary>Maximum length of <see cref="Subject"/>. Source: OpenID Connect Core §2.</summary>
    public const int LongestSubject = 255;

    public required Guid Id { get; set; }

    public required Guid UserId { get; set; }

    /// <summary>The provider's id in the configuration.</summary>
    public required string Provider { get; set; }

    /// <summary>The user's id at the provider, which never gives it to another user.</summary>
    public required string Subject { get; set; }

    /// <summary>The name or address that the provider last gave, by which users recognize the identity.</summary>
    public string? Name { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>The row of an identity that is linked to an account.</summary>
    public static ExternalIdentityRow Of(ExternalIdentity identity, Guid userId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        Provider = identity.Provider,
        Subject = identity.Subject,
        Name = (identity.Email ?? identity.PreferredUsername ?? identity.Name) is { } name
            ? DisplayText.Clip(name, EmailAddress.MaxLength)
            : null,
        CreatedAt = now,
    };

    public void Configure(EntityTypeBuilder<ExternalIdentityRow> builder)
    {
        builder.ToTable("external_identities");
        builder.Property(identity => identity.Id).ValueGeneratedNever();
        builder.HasIndex(identity => new { identity.Provider, identity.Subject }).IsUnique();
        builder.HasIndex(identity => identity.UserId);
    }
}
