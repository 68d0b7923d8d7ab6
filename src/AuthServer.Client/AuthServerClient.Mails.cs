using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <content>Mails of the server, and what is done by their links.</content>
public sealed partial class AuthServerClient
{
    /// <summary>
    /// Sends a link that sets a new password to the verified address of an account. Succeeds alike if there is no such account.
    /// </summary>
    /// <param name="username">The user name, or the verified address.</param>
    /// <param name="cancellationToken">Gives up. The mail may be sent all the same.</param>
    /// <exception cref="AuthServerException"><c>too_many_requests</c> or another code.</exception>
    public Task RequestPasswordResetAsync(string username, CancellationToken cancellationToken = default) =>
        PostAsync("password/forgot", new AccountMailBody(username), ClientJson.Default.AccountMailBody, cancellationToken);

    /// <summary>Sets a new password by the link of a mail, and ends every session of the account.</summary>
    /// <param name="token">The part of the link after <c>#link=</c>.</param>
    /// <param name="newPassword">The new password. It is not kept.</param>
    /// <param name="cancellationToken">Gives up. The password may have been set all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>link_invalid</c>, or <c>invalid_request</c> for a weak password, which leaves the link usable; or another code.
    /// </exception>
    public Task ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken = default) => PostAsync(
        "password/reset", new PasswordResetBody(token, newPassword), ClientJson.Default.PasswordResetBody, cancellationToken);

    /// <summary>The content of the link of a mail, which stays usable. A program shows it before it acts.</summary>
    /// <param name="token">The part of the link after <c>#link=</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException"><c>link_invalid</c> or another code.</exception>
    public async Task<MailLink> InspectLinkAsync(string token, CancellationToken cancellationToken = default)
    {
        using var body = ClientJson.Body(new LinkBody(token), ClientJson.Default.LinkBody);
        return await server
            .SendAsync(HttpMethod.Post, "links/inspect", body, ClientJson.Default.MailLink, first: null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Verifies an address by the link of a mail.</summary>
    /// <param name="token">The part of the link after <c>#link=</c>.</param>
    /// <param name="cancellationToken">Gives up. The address may have been verified all the same.</param>
    /// <exception cref="AuthServerException"><c>link_invalid</c>, <c>email_taken</c> or another code.</exception>
    public Task ConfirmEmailAsync(string token, CancellationToken cancellationToken = default) =>
        PostAsync("email/confirm", new LinkBody(token), ClientJson.Default.LinkBody, cancellationToken);

    /// <summary>
    /// Sends a link to an address, which becomes the user's once it is used. Needs a login or <c>ReauthenticateAsync</c>
    /// of the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>invalid_request</c>, <c>too_many_requests</c> or another code.
    /// </exception>
    public async Task ChangeEmailAsync(string email, CancellationToken cancellationToken = default)
    {
        using var body = ClientJson.Body(new EmailBody(email), ClientJson.Default.EmailBody);
        await SendAsync(HttpMethod.Post, "email", body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes the user's address, and ends the user's other sessions if it was verified. Needs a login or
    /// <c>ReauthenticateAsync</c> of the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>, <c>last_credential</c> or another code.
    /// </exception>
    public Task RemoveEmailAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "email", body: null, cancellationToken);

    /// <summary>
    /// Sends a link that logs in to the verified address of an account, if the server has that switched on. Succeeds alike if
    /// there is no such account.
    /// </summary>
    /// <param name="username">The user name, or the verified address.</param>
    /// <param name="cancellationToken">Gives up. The mail may be sent all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>not_found</c> if it is switched off; <c>too_many_requests</c> or another code.
    /// </exception>
    public Task RequestLoginLinkAsync(string username, CancellationToken cancellationToken = default) =>
        PostAsync("login/link", new AccountMailBody(username), ClientJson.Default.AccountMailBody, cancellationToken);

    /// <summary>
    /// Logs in by the link of a mail. The new session takes the place of any other here; that one stays alive at the server, so
    /// log out first.
    /// </summary>
    /// <param name="token">The part of the link after <c>#link=</c>.</param>
    /// <param name="deviceName">The name of this device in the list of sessions; up to 64 characters.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    /// <returns>The step that the login has come to.</returns>
    /// <exception cref="AuthServerException"><c>link_invalid</c>, <c>too_many_sessions</c> or another code.</exception>
    public Task<LoginResult> LoginByLinkAsync(
        string token, string? deviceName = null, CancellationToken cancellationToken = default) =>
        OpenAsync(
            "login/link/confirm", new LinkLoginBody(token, deviceName), ClientJson.Default.LinkLoginBody, cancellationToken);

    private async Task PostAsync<T>(string path, T value, JsonTypeInfo<T> shape, CancellationToken ct)
    {
        using var body = ClientJson.Body(value, shape);
        await server.SendAsync(HttpMethod.Post, path, body, first: null, ct).ConfigureAwait(false);
    }
}
