using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthServer.Storage;

/// <summary>An account.</summary>
internal sealed class UserRow : IEntityTypeConfiguration<UserRow>
{
    /// <summary>
    /// The hash of an account without a password. No password has it. A server of an earlier version, which may run beside this
    /// one, reads it as any other.
    /// </summary>
    public const string NoPassword = "$2a$04$.....................................................";

    public Guid Id { get; set; }

    /// <summary>The name as its owner wrote it.</summary>
    public required string Username { get; set; }

    /// <summary>The name that logins are looked up by; see <see cref="Core.Username.Normalized"/>.</summary>
    public required string NormalizedUsername { get; set; }

    public string? Email { get; set; }

    /// <summary>The address in normal form once it is verified, else null. Then it is a login name, and of one account.</summary>
    public string? VerifiedEmail { get; set; }

    public string? DisplayName { get; set; }

    /// <summary>The language of mails, as a tag of BCP 47 such as <c>ko</c>; null for the first of ours.</summary>
    public string? Locale { get; set; }

    /// <summary>bcrypt over SHA-384 of the password in NFC, or <see cref="NoPassword"/>.</summary>
    public required string PasswordHash { get; set; }

    /// <summary>
    /// Security stamp: a random value that changes with every change of credentials and when the account is disabled, so that
    /// proofs made before are void.
    /// </summary>
    public Guid SecurityStamp { get; set; }

    public List<string> Roles { get; set; } = [];

    public bool Disabled { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>True if a login by a password, a link or another provider needs a second factor.</summary>
    public bool SecondFactorRequired { get; set; }

    /// <summary>The moment when its owner deleted it; null if it is in use. Its row goes once its tokens are over.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>The name of all deleted accounts. No user can have it.</summary>
    public const string DeletedName = ":deleted";

    /// <summary>True if the user can log in by a password.</summary>
    public bool HasPassword => PasswordHash != NoPassword;

    /// <summary>The user as tokens name it.</summary>
    public TokenSubject ToTokenSubject() => new(Id, Username, DisplayName ?? Username, [.. Roles], Disabled)
    {
        VerifiedEmail = VerifiedEmail,
    };

    /// <summary>The account as a password is checked against it.</summary>
    public Account ToAccount() => new(
        Id,
        NormalizedUsername,
        HasPassword ? PasswordHash : null,
        SecurityStamp,
        Disabled,
        [.. new[] { Username, Email, DisplayName }.OfType<string>()])
    {
        SecondFactorRequired = SecondFactorRequired,
        HasVerifiedEmail = VerifiedEmail is not null,
        Roles = Roles,
    };

    /// <summary>True if a login by one factor needs another one.</summary>
    public bool NeedsSecondFactor(LoginPolicy policy) => SecondFactorRequired || policy.RequiresSecondFactor(Roles);

    /// <summary>Decides whether a proof opens a session of the account as it is.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="policy">Requirements of a login beyond its proof.</param>
    /// <param name="factors">The second factors of the account; they don't matter unless one is needed.</param>
    public LoginDecision Decide(
        AuthenticationProof proof, LoginPolicy policy, FactorKinds factors = FactorKinds.None) => LoginDecision.Decide(
            proof,
            new(SecurityStamp, Disabled, VerifiedEmail is not null, NeedsSecondFactor(policy), factors),
            policy);

    /// <summary>Disables the account, which makes proofs from before void, or enables it again.</summary>
    public void SetDisabled(bool disabled) =>
        (Disabled, SecurityStamp) = (disabled, disabled ? Guid.NewGuid() : SecurityStamp);

    /// <summary>Replaces the password, which makes proofs of the one before void.</summary>
    public void ChangePassword(string passwordHash)
    {
        PasswordHash = passwordHash;
        ChangeCredentials();
    }

    /// <summary>Makes proofs from before a change of credentials void.</summary>
    public void ChangeCredentials() => SecurityStamp = Guid.NewGuid();

    /// <summary>Makes it the row of a deleted account. Of its owner it has the language alone, for the last mail.</summary>
    public void Erase(DateTimeOffset now)
    {
        (Username, NormalizedUsername) = (DeletedName, $":{Id}");
        (Email, VerifiedEmail, DisplayName, PasswordHash) = (null, null, null, NoPassword);
        (Roles, SecondFactorRequired, DeletedAt) = ([], false, now);
        SetDisabled(true);
    }

    /// <summary>
    /// The name as mails show it. A stranger may register any address under a name that mail programs show as a link, to have us
    /// send it.
    /// </summary>
    public string ToMailName() =>
        NormalizedUsername == VerifiedEmail ? Username : DisplayText.WithoutLinks(Username, Core.Username.MaxLength);

    public void Configure(EntityTypeBuilder<UserRow> builder)
    {
        builder.ToTable("users");
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.Ignore(u => u.HasPassword);
        builder.HasIndex(u => u.NormalizedUsername).IsUnique();
        builder.HasIndex(u => u.VerifiedEmail).IsUnique();
    }
}
