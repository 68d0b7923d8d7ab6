using AuthServer.Core;

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
    public static void Notify(this WriteTransaction transaction, MailKind kind, UserRow owner)
    {
        if (owner is { VerifiedEmail: not null, Email: { } address })
        {
            transaction.Send(kind, owner, address);
        }
    }
}
