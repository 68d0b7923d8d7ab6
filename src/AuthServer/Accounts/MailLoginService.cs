using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>A login by the link of a mail.</summary>
/// <param name="Token">The token of the link.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="Wish">The kind of session that the login asks for.</param>
/// <param name="Device">The genuine device token that came along; null if there was none.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record MailLogin(
    string? Token, string? DeviceName, SessionWish Wish, DeviceToken? Device, ClientInfo Client);

/// <summary>Logs in by links of mails. Safe to share.</summary>
internal sealed class MailLoginService(
    MailStore mails,
    EmailStore emails,
    MailLinks links,
    SessionOpeningService sessions,
    TokenPairIssuer tokens,
    DeviceTokenIssuer devices,
    TimeProvider clock)
{
    /// <inheritdoc cref="AccountMails.AskAsync"/>
    public Task<Outcome<Unit>> AskAsync(string? username, CancellationToken ct) =>
        mails.AskAsync(MailKind.LogIn, username, ct);

    /// <summary>
    /// Opens a session. Refuses with <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.LinkInvalid"/>, or as <see
    /// cref="SessionOpeningService.OpenAsync"/> does.
    /// </summary>
    public Task<Outcome<LoggedIn>> LogInAsync(MailLogin login, CancellationToken ct) =>
        sessions.CountAsync(() => TryLogInAsync(login, ct));

    private async Task<Outcome<LoggedIn>> TryLogInAsync(MailLogin login, CancellationToken ct)
    {
        var deviceName = DisplayText.Parse(login.DeviceName, out var problem);
        if (problem is not null)
        {
            return Refusal.OfField("deviceName", problem);
        }

        var opened = links.Open(login.Token, MailKind.LogIn);
        if (opened.Refusal is { } invalid)
        {
            return invalid;
        }

        var link = opened.Value;
        if (await emails.FindOwnerAsync(link, ct) is null)
        {
            return ErrorCode.LinkInvalid;
        }

        var proof = new AuthenticationProof(link.UserId, AuthenticationMethods.Mail, clock.GetUtcNow(), link.SecurityStamp);
        var replaces = tokens.SessionOf(login.Wish.Replaced, login.Wish.Kind);
        var session = new NewSession(proof, Rehash: null, deviceName, login.Client, replaces)
        {
            Uses = [new MailUse(link.MailId, ErrorCode.LinkInvalid)],
            IsNewDevice = login.Device?.UserId != link.UserId,
        };
        if (await sessions.OpenAsync(session, login.Wish.Kind, ct) is not { } outcome
            || outcome.Refusal is { Code: ErrorCode.InvalidCredentials })
        {
            return ErrorCode.LinkInvalid;
        }

        if (outcome.Refusal is { } refused)
        {
            return refused;
        }

        return new LoggedIn(outcome.Value, devices.Issue(login.Device, proof));
    }
}
