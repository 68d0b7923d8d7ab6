using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>Addresses of accounts. Safe to share.</summary>
internal sealed class EmailService(EmailStore emails, MailLinks links, TokenPairIssuer tokens)
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
            return Refusal.OfField("email", address is null ? "Is required." : "Must be a valid e-mail address.");
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
    /// Removes the caller's address, and ends the caller's other sessions if it was verified. Refuses with <see
    /// cref="ErrorCode.LastCredential"/> or <see cref="ErrorCode.SessionInvalid"/>.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request, which stays.</param>
    /// <param name="handle">The handle of that session; null for a session with tokens.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The new handle of the session; null if it has tokens.</returns>
    public async Task<Outcome<SessionHandleValue?>> RemoveAsync(
        Guid userId, Guid sessionId, SessionHandle? handle, ClientInfo client, CancellationToken ct)
    {
        var by = new CredentialChange(userId, sessionId, PresentedSecret.OfHandle(handle?.Epoch), client);
        var outcome = await emails.RemoveAsync(by, ct);
        return outcome.Result switch
        {
            EmailResult.Changed => outcome.Grant is { } grant ? tokens.Issue(grant, SessionKind.Cookie).Handle : null,
            EmailResult.Last => ErrorCode.LastCredential,
            _ => ErrorCode.SessionInvalid,
        };
    }
}
