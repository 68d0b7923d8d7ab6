using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A new account, its fields checked.</summary>
internal sealed record NewAccount(
    Username Username,
    string? Email,
    string? DisplayName,
    string? PasswordHash,
    IReadOnlyList<string> Roles,
    ClientInfo Client)
{
    /// <summary>The normal form of the address if it is verified; else null.</summary>
    public string? VerifiedEmail { get; init; }

    /// <summary>The language of mails, as a tag of BCP 47; null for the first of ours.</summary>
    public string? Locale { get; init; }

    /// <summary>The identity at another provider that the account begins with; null for none.</summary>
    public ExternalIdentity? Identity { get; init; }
}

/// <summary>Result of adding an account: one of the records below.</summary>
internal abstract record AddAccountResult
{
    private protected AddAccountResult()
    {
    }
}

/// <summary>The account was added.</summary>
/// <param name="Id">The user's id.</param>
internal sealed record AccountAdded(Guid Id) : AddAccountResult;

/// <summary>Another account has the name. Nothing was changed.</summary>
internal sealed record UsernameInUse : AddAccountResult;

/// <summary>Another account has verified the address. Nothing was changed.</summary>
internal sealed record EmailInUse : AddAccountResult;

/// <summary>Another account has the identity. Nothing was changed.</summary>
internal sealed record IdentityInUse : AddAccountResult;
