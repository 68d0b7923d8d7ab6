using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Sets forgotten passwords by links of mails. Safe to share.</summary>
internal sealed class PasswordResetService(
    EmailStore emails, MailStore mails, MailLinks links, PasswordHasher hasher, PasswordPolicy passwords)
{
    /// <inheritdoc cref="AccountMails.AskAsync"/>
    public Task<Outcome<Unit>> AskAsync(string? username, CancellationToken ct) =>
        mails.AskAsync(MailKind.ResetPassword, username, ct);

    /// <summary>
    /// Sets a new password and ends all sessions of the account. Refuses with <see cref="ErrorCode.InvalidRequest"/>, which
    /// leaves the link usable, or with <see cref="ErrorCode.LinkInvalid"/>.
    /// </summary>
    /// <param name="token">The token of the link.</param>
    /// <param name="newPassword">The new password as given.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public async Task<Outcome<Unit>> ResetAsync(string? token, string? newPassword, ClientInfo client, CancellationToken ct)
    {
        const string Field = "newPassword";
        if (passwords.ProblemOf(newPassword) is { } problem)
        {
            return Refusal.OfField(Field, problem);
        }

        var link = links.Open(token, MailKind.ResetPassword);
        if (link.Refusal is { } invalid)
        {
            return invalid;
        }

        if (await emails.FindOwnerAsync(link.Value, ct) is not { } owner)
        {
            return ErrorCode.LinkInvalid;
        }

        var hash = await hasher.HashNewAsync(
            Field,
            newPassword!,
            owner.ToAccount().PersonalWords,
            new HashCaller(client.IpAddress, IsKnownDevice: true),
            ct);
        return hash.Refusal is { } refusal ? refusal
            : await emails.ResetPasswordAsync(link.Value, hash.Value, client, ct) ? default(Unit)
            : ErrorCode.LinkInvalid;
    }
}
