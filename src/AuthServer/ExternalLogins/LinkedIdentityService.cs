using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.ExternalLogins;

/// <summary>An identity that is linked to an account.</summary>
/// <param name="Id">The id of the link.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="Name">The address or name at the provider; null if the provider gave none.</param>
/// <param name="LinkedAt">The moment when it was linked.</param>
internal sealed record LinkedIdentity(Guid Id, string Provider, string? Name, DateTimeOffset LinkedAt);

/// <summary>The identities at other providers that are linked to accounts. Safe to share.</summary>
internal sealed class LinkedIdentityService(
    ExternalIdentityStore identities, AccountStore accounts, CredentialChangeService changes)
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
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request.</param>
    /// <param name="handle">The handle of that session; null for a session with tokens.</param>
    /// <param name="isJoin">True to link only an identity with the verified address of the account.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task<Outcome<LinkRequest>> AskAsync(
        Guid userId, Guid sessionId, SessionHandle? handle, bool isJoin, CancellationToken ct) =>
        await accounts.FindAsync(userId, ct) is { Disabled: false } account
            ? new LinkRequest(userId, account.SecurityStamp, sessionId, handle?.Epoch, isJoin)
            : new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);

    /// <summary>
    /// Links an identity. Refuses with <see cref="ErrorCode.ExternalLoginFailed"/> if the identity is another account's, or if
    /// the request is void; and with <see cref="ErrorCode.EmailTaken"/> if a join is of another address.
    /// </summary>
    /// <returns>The new handle of the session; null if it has tokens, or nothing was changed.</returns>
    public async Task<Outcome<SessionHandleValue?>> LinkAsync(
        ExternalIdentity identity, LinkRequest asked, ClientInfo client, CancellationToken ct)
    {
        var by = new CredentialChange(asked.UserId, asked.SessionId, PresentedSecret.OfHandle(asked.Epoch), client)
        {
            SecurityStamp = asked.SecurityStamp,
        };
        return await identities.LinkAsync(identity, by, asked.IsJoin, ct) switch
        {
            SessionProofUsed used => changes.Answer(used),
            ChangeRefused { Reason: ChangeRefusal.Exists } => (SessionHandleValue?)null,
            ChangeRefused { Reason: ChangeRefusal.InUse } => Refusal.Of(ExternalLoginFailure.IdentityInUse),
            ChangeRefused { Reason: ChangeRefusal.OtherAddress } => ErrorCode.EmailTaken,
            _ => Refusal.Of(ExternalLoginFailure.InvalidRequest),
        };
    }

    /// <summary>
    /// Unlinks an identity and ends the user's other sessions. Refuses with <see cref="ErrorCode.NotFound"/>, <see
    /// cref="ErrorCode.LastCredential"/> or <see cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    /// <param name="id">The id of the link.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The new handle of the session; null if it has tokens.</returns>
    public async Task<Outcome<SessionHandleValue?>> UnlinkAsync(Guid id, ChangingCaller caller, CancellationToken ct) =>
        changes.Answer(await identities.UnlinkAsync(id, CredentialChangeService.ChangeBy(caller), ct));
}
