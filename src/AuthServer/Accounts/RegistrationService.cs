using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Accounts;

/// <summary>A request for an account.</summary>
internal sealed record Registration(string? Username, string? Password, string? Email, string? DisplayName)
{
    /// <summary>The language of mails, as a tag of BCP 47; null for the first of ours.</summary>
    public string? Locale { get; init; }
}

/// <summary>A new account.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The name as given.</param>
internal sealed record Registered(Guid Id, string Username);

/// <summary>Opens accounts.</summary>
internal sealed class RegistrationService(
    AccountStore accounts, PasswordHasher hasher, PasswordPolicy passwords, IOptions<AccountOptions> options)
{
    // Few accounts have the same wish, so few attempts are needed.
    private const int MaxSuffix = 1_000_000;

    /// <summary>
    /// Opens an account, or refuses with <see cref="ErrorCode.RegistrationClosed"/>, <see cref="ErrorCode.InvalidRequest"/> or
    /// <see cref="ErrorCode.UsernameTaken"/>.
    /// </summary>
    public async Task<Outcome<Registered>> RegisterAsync(Registration wish, ClientInfo client, CancellationToken ct) =>
        options.Value.Registration
            ? await AddAsync(wish, roles: [], client, new HashCaller(client.IpAddress, IsKnownDevice: false), ct)
            : ErrorCode.RegistrationClosed;

    /// <summary>
    /// Opens an account with roles, for an operator, even if registration is closed. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.UsernameTaken"/>.
    /// </summary>
    public Task<Outcome<Registered>> AddAsync(Registration wish, IReadOnlyList<string> roles, CancellationToken ct) =>
        AddAsync(wish, roles, ClientInfo.CommandLine, caller: default, ct);

    /// <summary>
    /// Opens an account for an identity at another provider, unless there is one by now. Refuses with <see
    /// cref="ErrorCode.RegistrationClosed"/>, <see cref="ErrorCode.EmailUnverified"/> without an address that is required, or
    /// with <see cref="ErrorCode.EmailTaken"/>: an address alone joins no accounts.
    /// </summary>
    public async Task<Outcome<Unit>> RegisterIdentityAsync(ExternalIdentity identity, ClientInfo client, CancellationToken ct)
    {
        if (identity.VerifiedEmail is { } verified && await accounts.HasVerifiedAsync(verified, ct))
        {
            return ErrorCode.EmailTaken;
        }

        if (!options.Value.Registration)
        {
            return ErrorCode.RegistrationClosed;
        }

        var displayName = DisplayText.Parse(DisplayText.Clip(identity.Name ?? "", DisplayText.MaxLength), out _);
        var email = identity.Email is { } address && EmailAddress.IsValid(address) ? address : null;
        if (options.Value.RequireVerifiedEmail && email is null)
        {
            // Nothing could ever be verified for this account.
            return ErrorCode.EmailUnverified;
        }

        for (var suffix = ""; ; suffix = $"-{RandomNumberGenerator.GetInt32(MaxSuffix)}")
        {
            var username = Username.MakeFit(identity.UsernameWish, suffix);
            var account = new NewAccount(username, email, displayName, PasswordHash: null, Roles: [], client)
            {
                VerifiedEmail = identity.VerifiedEmail,
                Identity = identity,
            };
            switch (await accounts.TryAddAsync(account, ct))
            {
                case AccountAdded or IdentityInUse:
                    return default(Unit);
                case EmailInUse:
                    return ErrorCode.EmailTaken;
            }
        }
    }

    private async Task<Outcome<Registered>> AddAsync(
        Registration wish, IReadOnlyList<string> roles, ClientInfo client, HashCaller caller, CancellationToken ct)
    {
        if (!TryCheck(wish, out var username, out var displayName, out var errors))
        {
            return new Refusal(ErrorCode.InvalidRequest, Errors: errors);
        }

        var email = username.IsEmail ? username.Value : wish.Email;
        var words = new[] { username.Value, email, displayName }.OfType<string>().ToArray();
        var hash = await hasher.HashNewAsync("password", wish.Password!, words, caller, ct);
        if (hash.Refusal is { } refusal)
        {
            return refusal;
        }

        var account = new NewAccount(username, email, displayName, hash.Value, roles, client) { Locale = wish.Locale };

        // Not looked up before the hash: a name that is taken takes as long as a free one, and reports a weak password first.
        return await accounts.TryAddAsync(account, ct) switch
        {
            AccountAdded added => new Registered(added.Id, username.Value),
            _ => ErrorCode.UsernameTaken,
        };
    }

    private bool TryCheck(
        Registration wish,
        [NotNullWhen(true)] out Username? username,
        out string? displayName,
        out Dictionary<string, string[]> errors)
    {
        username = Username.Parse(wish.Username ?? "", out var usernameProblem);
        displayName = DisplayText.Parse(wish.DisplayName, out var displayNameProblem);
        var problems = new Dictionary<string, string?>
        {
            ["username"] = wish.Username is null ? "Is required." : usernameProblem,
            ["password"] = passwords.ProblemOf(wish.Password),
            ["email"] = wish.Email switch
            {
                null => options.Value.RequireVerifiedEmail && username is { IsEmail: false } ? "Is required." : null,
                var email when !EmailAddress.IsValid(email) => "Must be a valid email address.",
                var email when username is { IsEmail: true } && email != username.Value =>
                    "Must be left out, or be the user name, if that is an email address.",
                _ => null,
            },
            ["displayName"] = displayNameProblem,
        };
        errors = problems.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => new[] { p.Value! });
        return username is not null && errors.Count == 0;
    }
}
