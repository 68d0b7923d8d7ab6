using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>A link of a mail, as the page shows it that asks before it acts.</summary>
/// <param name="Kind">The kind of mail, in snake_case.</param>
/// <param name="Username">The name of the account.</param>
/// <param name="Email">The address that the mail was sent to.</param>
/// <param name="ExpiresAt">The moment from which the link is refused.</param>
internal sealed record InspectedLink(string Kind, string Username, string Email, DateTime ExpiresAt);

/// <summary>Reads links of mails. Safe to share.</summary>
internal sealed class MailLinks(ServerKeys keys, TimeProvider clock)
{
    /// <summary>
    /// Opens a link, of one kind if given. Refuses with <see cref="ErrorCode.InvalidRequest"/> without one, and with <see
    /// cref="ErrorCode.LinkInvalid"/> if it is none of ours, over, or of another kind.
    /// </summary>
    public Outcome<MailLink> Open(string? token, MailKind? kind = null) =>
        token is null ? Refusal.OfField("token", "Is required.")
        : MailLink.Open(token, keys.Root, clock.GetUtcNow()) is { } link && (kind is null || link.Kind == kind) ? link
        : ErrorCode.LinkInvalid;
}

/// <summary>Shows links without using them. Safe to share.</summary>
internal sealed class LinkInspectionService(EmailStore emails, MailLinks links)
{
    /// <summary>
    /// Returns the content of a link. Refuses with <see cref="ErrorCode.InvalidRequest"/> without one, or with <see
    /// cref="ErrorCode.LinkInvalid"/>.
    /// </summary>
    public async Task<Outcome<InspectedLink>> InspectAsync(string? token, CancellationToken ct)
    {
        var opened = links.Open(token);
        if (opened.Refusal is { } refusal)
        {
            return refusal;
        }

        var link = opened.Value;
        return await emails.FindOwnerAsync(link, ct) is { } owner
            ? new InspectedLink(MailKinds.NameOf(link.Kind), owner.Username, link.Address, link.EndsAt.UtcDateTime)
            : ErrorCode.LinkInvalid;
    }
}
