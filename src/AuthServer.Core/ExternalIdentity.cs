namespace AuthServer.Core;

/// <summary>An identity of a user at another provider, as the provider states it.</summary>
/// <param name="Provider">The provider's id in the configuration.</param>
/// <param name="Subject">The user's id at the provider.</param>
/// <param name="Name">The user's name, for display; null if the provider gives none.</param>
/// <param name="PreferredUsername">The user's name at the provider; null if it gives none.</param>
/// <param name="Email">The user's address; null if the provider gives none.</param>
/// <param name="IsEmailVerified">True if the provider has verified the address, and is trusted for it.</param>
public sealed record ExternalIdentity(
    string Provider, string Subject, string? Name, string? PreferredUsername, string? Email, bool IsEmailVerified)
{
    /// <summary>True if the provider says that its login had more than one factor, and is trusted for it.</summary>
    public bool IsMultiFactor { get; init; }

    /// <summary>The normal form of the address if it is verified; else null.</summary>
    public string? VerifiedEmail =>
        IsEmailVerified && Email is { } email && EmailAddress.IsValid(email) ? Username.Normalize(email) : null;

    /// <summary>
    /// The text that a user name is made of. An address would disclose it to all who see the name, so only its part before the
    /// at sign is taken.
    /// </summary>
    public string UsernameWish => new[] { PreferredUsername, Email, Name }
        .Select(wish => wish?.Split('@')[0].Trim())
        .FirstOrDefault(wish => !string.IsNullOrEmpty(wish)) ?? "user";
}
