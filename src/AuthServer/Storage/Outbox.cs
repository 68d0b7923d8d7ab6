using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Mails that a transaction writes. Their sender is woken after its commit.</summary>
internal static class Outbox
{
    /// <summary>Adds a mail.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="userId">The account; empty for none.</param>
    /// <param name="securityStamp">The security stamp of the account.</param>
    /// <param name="address">The address.</param>
    public static MailRow Send(
        this WriteTransaction transaction, MailKind kind, Guid userId, Guid securityStamp, string address)
    {
        var mail = new MailRow
        {
            Id = Guid.CreateVersion7(transaction.Now),
            Kind = kind,
            State = MailState.Waiting,
            UserId = userId,
            SecurityStamp = securityStamp,
            Address = address,
            NormalizedAddress = Username.Normalize(address) ?? "",
            CreatedAt = transaction.Now,
            DueAt = transaction.Now,
        };
        transaction.Db.Mails.Add(mail);
        return mail;
    }

    /// <summary>Adds a mail to an address of an account.</summary>
    public static MailRow Send(this WriteTransaction transaction, MailKind kind, UserRow owner, string address) =>
        transaction.Send(kind, owner.Id, owner.SecurityStamp, address);

    /// <summary>Adds a notice to the verified address of an account, if there is one.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="owner">The account.</param>
    /// <param name="detail">A few words for its text; null for none.</param>
    public static void Notify(this WriteTransaction transaction, MailKind kind, UserRow owner, string? detail = null)
    {
        if (owner is { VerifiedEmail: not null, Email: { } address })
        {
            transaction.Send(kind, owner, address).Detail = detail;
        }
    }

    /// <summary>Uses the link of a mail up. True for one caller of all, on all nodes.</summary>
    public static async Task<bool> TryUseAsync(this WriteTransaction transaction, Guid mailId, CancellationToken ct) =>
        await transaction.Db.Mails.Where(mail => mail.Id == mailId && mail.State != MailState.Used)
            .ExecuteUpdateAsync(set => set.SetProperty(mail => mail.State, MailState.Used), ct) == 1;

    /// <summary>
    /// Adds another link to the unverified address of an account. Not if it got one in the last two minutes, which the new one
    /// would make void, or enough of them within the hour.
    /// </summary>
    public static async Task SendConfirmationAsync(this WriteTransaction transaction, UserRow owner, CancellationToken ct)
    {
        var recent = transaction.Now - TimeSpan.FromMinutes(2);
        if (owner is { VerifiedEmail: null, Email: { } address }
            && await MailStore.CountRecentAsync(transaction, owner.Id, MailKind.ConfirmEmail, ct) < MailStore.MaxPerHour
            && !await transaction.Db.Mails.AnyAsync(
                mail => mail.UserId == owner.Id && mail.Kind == MailKind.ConfirmEmail && mail.CreatedAt > recent, ct))
        {
            transaction.Send(MailKind.ConfirmEmail, owner, address);
        }
    }
}
