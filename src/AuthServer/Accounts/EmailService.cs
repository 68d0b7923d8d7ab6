using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>Addresses of accounts. Safe to share.</summary>
internal sealed class EmailService(EmailStore emails, MailLinks links, CredentialChangeService changes)
{
    private static readonly TimeSpan WaitAfterTooMany = TimeSpan.FromHours(1);

    /// <summary>
    /// Sends a link to an address, which becomes the caller's once it is followed. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.TooManyRequests"/> or <see cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request.</param>
    /// <param name="address">The address as given.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<Unit>> AskAsync(Guid userId, Guid sessionId, string? address, CancellationToken ct)
    {
        if (address is null || !EmailAddress.IsValid(address))
        {
            return Refusal.OfField("email", address is null ? "Is required." : "Must be a valid email address.");
        }

        return await emails.AskAsync(userId, sessionId, address, ct) switch
        {
            EmailResult.Changed => default(Unit),
            EmailResult.TooMany => new Refusal(ErrorCode.TooManyRequests, Wait: WaitAfterTooMany),
            _ => new Refusal(ErrorCode.SessionEnded, EndReason.Disabled),
        };
    }

    /// <summary>
    /// Makes the address of a link the account's. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see
    /// cref="ErrorCode.LinkInvalid"/> or <see cref="ErrorCode.EmailTaken"/>.
    /// </summary>
    public async Task<Outcome<Unit>> ConfirmAsync(string? token, ClientInfo client, CancellationToken ct)
    {
        var link = links.Open(token, MailKind.ConfirmEmail);
        if (link.Refusal is { } refusal)
        {
            return refusal;
        }

        return await emails.ConfirmAsync(link.Value, client, ct) switch
        {
            EmailResult.Changed => default(Unit),
            EmailResult.InUse => ErrorCode.EmailTaken,
            _ => ErrorCode.LinkInvalid,
        };
    }

    /// <summary>
    /// Removes the caller's address, and ends the caller's other sessions. Refuses with <see cref="ErrorCode.LastCredential"/>,
    /// <see cref="ErrorCode.SessionEnded"/> or <see cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    /// <returns>The new handle of the session; null if it has tokens.</returns>
    public async Task<Outcome<SessionHandleValue?>> RemoveAsync(ChangingCaller caller, CancellationToken ct) =>
        changes.Answer(await emails.RemoveAsync(CredentialChangeService.ChangeBy(caller), ct));
}
