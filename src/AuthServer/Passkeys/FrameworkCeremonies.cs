using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TokenOptions = AuthServer.Tokens.TokenOptions;

namespace AuthServer.Passkeys;

/// <summary>
/// The ceremonies by the framework's handler. Its objects are made for each ceremony, so a server without passkeys never loads
/// them. Safe to share.
/// </summary>
internal sealed class FrameworkCeremonies(
    PasskeyStore passkeys,
    IOptions<PasskeyOptions> options,
    IOptions<TokenOptions> tokens,
    IOptions<CrossOriginOptions> trusted,
    IOptions<BrandingOptions> branding) : IPasskeyCeremonies
{
    private const string Required = "required";

    // More and longer than any that browsers know. They are the client's text, and hints only.
    private const int MaxTransports = 8;
    private const int LongestTransport = 32;

    // The handler takes a context and reads nothing from it, because domain and origin are given.
    private static DefaultHttpContext NoContext => new();

    /// <inheritdoc/>
    public async Task<BegunCeremony> BeginRegistrationAsync(
        Guid userId, string username, string displayName, CancellationToken ct)
    {
        using var store = new PasskeyUserStore(passkeys);
        using var users = new PasskeyUsers(store, ct);
        var entity = new PasskeyUserEntity { Id = $"{userId}", Name = username, DisplayName = displayName };
        var begun = await HandlerOf(users).MakeCreationOptionsAsync(entity, NoContext);
        return new(WithName(begun.CreationOptionsJson), begun.AttestationState!);
    }

    /// <inheritdoc/>
    public async Task<BegunCeremony?> BeginProofAsync(Guid? userId, CancellationToken ct)
    {
        using var store = new PasskeyUserStore(passkeys);
        using var users = new PasskeyUsers(store, ct);
        var user = userId is { } id ? await store.FindByIdAsync($"{id}", ct) : null;
        if (userId is not null && user is null)
        {
            return null;
        }

        var begun = await HandlerOf(users).MakeRequestOptionsAsync(user, NoContext);
        return new(begun.RequestOptionsJson, begun.AssertionState!);
    }

    /// <inheritdoc/>
    public async Task<RegisteredCredential?> VerifyRegistrationAsync(PresentedCredential presented, CancellationToken ct)
    {
        using var store = new PasskeyUserStore(passkeys);
        using var users = new PasskeyUsers(store, ct);
        var result = await HandlerOf(users).PerformAttestationAsync(new()
        {
            HttpContext = NoContext,
            CredentialJson = presented.Json,
            AttestationState = presented.Ceremony,
        });
        ThrowIfUnavailable(result.Failure);
        return result is { Succeeded: true, Passkey: { } made, UserEntity: { } entity }
            ? new(
                entity.Id,
                made.CredentialId,
                made.PublicKey,
                made.SignCount,
                [.. (made.Transports ?? []).Where(one => one is { Length: <= LongestTransport }).Take(MaxTransports)],
                made.IsBackupEligible,
                made.IsBackedUp)
            : null;
    }

    /// <inheritdoc/>
    public async Task<AssertedCredential?> VerifyProofAsync(PresentedCredential presented, CancellationToken ct)
    {
        using var store = new PasskeyUserStore(passkeys);
        using var users = new PasskeyUsers(store, ct);
        var result = await HandlerOf(users).PerformAssertionAsync(new()
        {
            HttpContext = NoContext,
            CredentialJson = presented.Json,
            AssertionState = presented.Ceremony,
        });
        ThrowIfUnavailable(result.Failure);
        return result is { Succeeded: true, Passkey: { } proved, User: { } user } && store.Found is { } row
            ? new(row.Id, user.Id, user.SecurityStamp, row.SignCount, proved.SignCount, proved.IsBackedUp)
            : null;
    }

    // The handler gives the server its domain for a name. Devices show the name, and nothing is decided by it.
    private string WithName(string creationOptions)
    {
        var document = JsonNode.Parse(creationOptions)!;
        document["rp"]!["name"] = branding.Value.NameOrHost(PasskeyDomain.Of(options.Value, tokens.Value));
        return document.ToJsonString();
    }

    // The handler takes any exception for a defect of the credential.
    private static void ThrowIfUnavailable(PasskeyException? failure)
    {
        if (failure?.InnerException is UnavailableException unavailable)
        {
            ExceptionDispatchInfo.Throw(unavailable);
        }
    }

    private PasskeyHandler<UserRow> HandlerOf(PasskeyUsers users) =>
        new(users, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = PasskeyDomain.Of(options.Value, tokens.Value),
            AuthenticatorTimeout = PasskeyState.Lifetime,
            UserVerificationRequirement = Required,
            ResidentKeyRequirement = Required,
            AttestationConveyancePreference = "none",
            ValidateOrigin = context => ValueTask.FromResult(IsTrusted(context)),
        }));

    // A frame in a page of another origin could be used by that page. A caller chooses the Host of a request, so our own origin
    // is that of the issuer.
    private bool IsTrusted(PasskeyOriginValidationContext context) =>
        context is { CrossOrigin: false, TopOrigin: null }
        && (context.Origin == PasskeyDomain.OwnOriginOf(tokens.Value)
            || trusted.Value.Origins.Contains(context.Origin)
            || options.Value.Origins.Contains(context.Origin));

    // Of the manager, the handler needs the look-ups alone.
    private sealed class PasskeyUsers(PasskeyUserStore store, CancellationToken ct) : UserManager<UserRow>(
        store,
        Microsoft.Extensions.Options.Options.Create(new IdentityOptions()),
        new PasswordHasher<UserRow>(),
        [],
        [],
        new UpperInvariantLookupNormalizer(),
        new IdentityErrorDescriber(),
        services: null!,
        NullLogger<UserManager<UserRow>>.Instance)
    {
        protected override CancellationToken CancellationToken => ct;
    }
}
