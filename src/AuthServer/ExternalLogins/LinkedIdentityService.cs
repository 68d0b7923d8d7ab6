using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.ExternalLogins;

/// <summary>An identity that is linked to an account.</summary>
/// <param name="Id">The id of the link.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="Name">The address or name at the provider; null if the provider gave none.</param>
/// <param name="LinkedAt">The moment when it was linked.</param>
internal sealed record LinkedIdentity(Guid Id, string Provider, string? Name, DateTimeOffset LinkedAt);

/// <summary>The identities at other providers that are linked to accounts. Safe to share.</summary>
internal sealed class LinkedIdentityService(ExternalIdentityStore identities, AccountStore accounts)
{
    /// <summary>Lists the identities of a user, the oldest first.</summary>
    public async Task<IReadOnlyList<LinkedIdentity>> ListAsync(Guid userId, CancellationToken ct) =>
    [
        .. (await identities.ListAsync(userId, ct))
            .Select(row => new LinkedIdentity(row.Id, row.Provider, row.Name, row.CreatedAt)),
    ];

    /// <summary>
    /// Makes a request to link an identity, which is void once credentials change. Refuses with <see
    /// cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<LinkRequest>> AskAsync(Guid userId, Guid sessionId, CancellationToken ct) =>
        await accounts.FindAsync(userId, ct) is { Disabled: false } account
            ? new LinkRequest(userId, account.SecurityStamp, sessionId)
            : new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);

    /// <summary>
    /// Links an identity. Refuses with <see cref="ErrorCode.ExternalLoginFailed"/> if the identity is another account's, or if
    /// the request is void.
    /// </summary>
    public async Task<Outcome<Unit>> LinkAsync(
        ExternalIdentity identity, LinkRequest asked, ClientInfo client, CancellationToken ct)
    {
        var link = new NewLink(identity, asked.UserId, asked.SecurityStamp, asked.SessionId, client);
        return await identities.LinkAsync(link, ct) switch
        {
            LinkResult.Linked => default(Unit),
            LinkResult.InUse => Refusal.Of(ExternalLoginFailure.IdentityInUse),
            _ => Refusal.Of(ExternalLoginFailure.InvalidRequest),
        };
    }

    /// <summary>
    /// Unlinks an identity and ends the user's other sessions. Refuses with <see cref="ErrorCode.NotFound"/> or <see
    /// cref="ErrorCode.LastCredential"/>.
    /// </summary>
    public async Task<Outcome<Unit>> UnlinkAsync(
        Guid id, Guid userId, Guid sessionId, ClientInfo client, CancellationToken ct) =>
        await identities.UnlinkAsync(id, userId, sessionId, client, ct) switch
        {
            UnlinkResult.Unlinked => default(Unit),
            UnlinkResult.Last => ErrorCode.LastCredential,
            _ => ErrorCode.NotFound,
        };
}
