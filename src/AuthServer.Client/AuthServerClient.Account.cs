using System.Text.Json;

namespace AuthServer.Client;

/// <content>Estimates of new passwords, the profile of the user, an export of it, and the end of the account.</content>
public sealed partial class AuthServerClient
{
    /// <summary>
    /// Estimates a password as a new one, by the server's own check. A form calls it when the user pauses, and shows nothing if
    /// it fails.
    /// </summary>
    /// <param name="password">The password. It is not kept, neither here nor at the server.</param>
    /// <param name="username">The user name, complete or not.</param>
    /// <param name="email">The email address, complete or not.</param>
    /// <param name="displayName">The name that is shown.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException">
    /// <c>too_many_requests</c>, <c>invalid_request</c> for a name that is too long, or another code.
    /// </exception>
    public async Task<PasswordEstimate> EstimatePasswordAsync(
        string password,
        string? username = null,
        string? email = null,
        string? displayName = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        using var body = ClientJson.Body(
            new PasswordEstimateBody(password, username, email, displayName), ClientJson.Default.PasswordEstimateBody);
        return await server
            .SendAsync(
                HttpMethod.Post, "password/strength", body, ClientJson.Default.PasswordEstimate, first: null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Changes the display name or the language of the user. The next access token has the new name.</summary>
    /// <param name="changes">The changes. A property that is not set changes nothing.</param>
    /// <param name="cancellationToken">Gives up. The changes may have been made all the same.</param>
    /// <returns>The user after the changes.</returns>
    /// <exception cref="AuthServerException"><c>invalid_request</c> or another code.</exception>
    public Task<CurrentUser> UpdateProfileAsync(ProfileChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return PatchAsync(changes.ToMembers(), cancellationToken);
    }

    /// <summary>
    /// Changes the user name, by which the user logs in from then on. The old name stays reserved for the user. Needs a login or
    /// <see cref="ReauthenticateAsync"/> of the last minutes. The next access token has the new name.
    /// </summary>
    /// <param name="username">The new user name, 1 to 64 characters.</param>
    /// <param name="cancellationToken">Gives up. The name may have been changed all the same.</param>
    /// <returns>The user after the change.</returns>
    /// <exception cref="AuthServerException">
    /// <c>username_taken</c>, <c>reauthentication_required</c>, <c>invalid_request</c>, <c>too_many_requests</c> or another code.
    /// </exception>
    public Task<CurrentUser> ChangeUsernameAsync(string username, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(username);
        return PatchAsync(new Dictionary<string, string?> { ["username"] = username }, cancellationToken);
    }

    /// <summary>
    /// Everything that the server has stored about the user, without secrets. Needs a login or <see cref="ReauthenticateAsync"/>
    /// of the last minutes.
    /// </summary>
    /// <returns>The document, which the caller disposes of.</returns>
    /// <exception cref="AuthServerException"><c>reauthentication_required</c> or another code.</exception>
    public Task<JsonDocument> ExportAsync(CancellationToken cancellationToken = default) =>
        GetAsync("me/export", ClientJson.Default.JsonDocument, cancellationToken);

    /// <summary>
    /// Deletes the account of the user for ever, and forgets the session. If the call fails, the session stays here. Needs a
    /// login or <see cref="ReauthenticateAsync"/> of the last minutes.
    /// </summary>
    /// <exception cref="AuthServerException"><c>reauthentication_required</c> or another code.</exception>
    public Task DeleteAccountAsync(CancellationToken cancellationToken = default) =>
        EndAsync(HttpMethod.Delete, "me", cancellationToken);

    private async Task<CurrentUser> PatchAsync(Dictionary<string, string?> members, CancellationToken ct)
    {
        using var body = ClientJson.Body(members, ClientJson.Default.DictionaryStringString);
        using var tokens = new AuthServerHandler(this);
        var user = await server.SendAsync(HttpMethod.Patch, "me", body, ClientJson.Default.CurrentUser, tokens, ct)
            .ConfigureAwait(false);
        Keeper.RefuseAccessToken();
        return user;
    }
}
