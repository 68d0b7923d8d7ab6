using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <summary>
/// The session of one user in one installation: login, logout, and the requests of a logged-in user to the server. One object per
/// process, made by <see cref="AuthServerClientServiceCollectionExtensions.AddAuthServerClient"/>, or one per key of
/// <see cref="AuthServerClients"/>; safe to share.
/// </summary>
/// <remarks>
/// <para>
/// Calls fail with <see cref="AuthServerException"/> if the server answers with an error, and with any other
/// <see cref="HttpRequestException"/> if it can't be reached or is too slow. Only the caller's own cancellation comes as an
/// <see cref="OperationCanceledException"/>. None of them ends the session. Calls that need a session fail with
/// <see cref="AuthServerErrorCodes.AccessTokenMissing"/> if there is none.
/// </para>
/// <para>
/// A refresh without an answer is sent again with the same token: 1 second after the failure, then after 2, 4, 8 and 15 seconds.
/// <c>Retry-After</c> is obeyed up to 60 seconds. This goes on for as long as a call waits for the token. A call waits until its
/// own cancellation ends the wait, or until the next attempt would begin later than 30 seconds after the call. Then it fails with
/// the last failure. An attempt under way goes on without its callers, for up to 60 seconds, and its answer is kept. The next
/// call goes on with the same token and at the planned moment.
/// </para>
/// </remarks>
public sealed partial class AuthServerClient
{
    private readonly ServerHttp server;
    private readonly ServerApi api;
    private readonly TimeProvider clock;

    internal AuthServerClient(
        ServerHttp server, ServerApi api, SessionKeeper keeper, TokenDestinations destinations, TimeProvider clock)
    {
        (this.server, this.api, this.clock) = (server, api, clock);
        (Keeper, Destinations) = (keeper, destinations);
        keeper.Ended += ended => SessionEnded?.Invoke(this, ended);
    }

    /// <summary>
    /// Raised once when the server has declared the session ended, in answer to a refresh or to another request. The tokens are
    /// forgotten by then. Not raised by <see cref="LogoutAsync"/>, and never because the server could not be reached. Raised on
    /// any thread.
    /// </summary>
    public event EventHandler<SessionEndedEventArgs>? SessionEnded;

    internal SessionKeeper Keeper { get; }

    internal TokenDestinations Destinations { get; }

    /// <summary>Opens an account. Does not log in.</summary>
    /// <param name="username">The user name, 1 to 64 characters.</param>
    /// <param name="password">The password. It is not kept.</param>
    /// <param name="email">An email address; null for none.</param>
    /// <param name="displayName">The name that is shown; null for the user name.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the account all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>username_taken</c>, <c>invalid_request</c>, <c>registration_closed</c> or another code.
    /// </exception>
    public Task<RegisteredUser> RegisterAsync(
        string username,
        string password,
        string? email = null,
        string? displayName = null,
        CancellationToken cancellationToken = default) =>
        api.RegisterAsync(new RegisterBody(username, password, email, displayName), cancellationToken);

    /// <summary>
    /// Logs in. The new session takes the place of any other here; that one stays alive at the server, so log out first.
    /// </summary>
    /// <param name="username">The user name.</param>
    /// <param name="password">The password. It is not kept.</param>
    /// <param name="deviceName">The name of this device in the list of sessions; up to 64 characters.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    /// <returns>The step that the login has come to.</returns>
    /// <exception cref="AuthServerException">
    /// <c>invalid_credentials</c>, <c>too_many_sessions</c>, <c>too_many_requests</c> or another code.
    /// </exception>
    public Task<LoginResult> LoginAsync(
        string username, string password, string? deviceName = null, CancellationToken cancellationToken = default) =>
        OpenAsync(
            "login", new LoginBody(username, password, deviceName), ClientJson.Default.LoginBody, cancellationToken);

    /// <summary>
    /// Logs out. The tokens are forgotten first, whatever happens then. The request is sent again for up to 10 seconds, by the
    /// schedule of a refresh; its last attempt may take 10 more. If it fails, no session is left here, but it stays alive at the
    /// server. Does nothing if there is no session.
    /// </summary>
    /// <exception cref="HttpRequestException">The server has not confirmed the logout.</exception>
    public async Task LogoutAsync(CancellationToken cancellationToken = default)
    {
        if (await Keeper.ForgetAsync().ConfigureAwait(false) is { } session)
        {
            await api.LogoutAsync(session.RefreshToken, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends every session of the user, this one among them. If the call fails, the session stays here. A session that is opened
    /// here before the answer arrives stays too.
    /// </summary>
    public Task LogoutEverywhereAsync(CancellationToken cancellationToken = default) =>
        EndAsync(HttpMethod.Post, "logout/all", cancellationToken);

    /// <summary>
    /// True if there is a session here. The server is not asked: if it has ended the session, the next request finds out.
    /// </summary>
    public Task<bool> IsLoggedInAsync(CancellationToken cancellationToken = default) =>
        Keeper.IsLoggedInAsync(cancellationToken);

    /// <summary>
    /// An access token that can be sent now, for clients other than <see cref="HttpClient"/>: SignalR, gRPC, web sockets. Call it
    /// for each use. Null if there is no session.
    /// </summary>
    /// <exception cref="HttpRequestException">A fresh token was needed, and the refresh failed. The session stays.</exception>
    public async Task<string?> GetAccessTokenAsync(CancellationToken cancellationToken = default) =>
        (await Keeper.GetAsync(cancellationToken).ConfigureAwait(false))?.Value;

    /// <summary>The logged-in user.</summary>
    public Task<CurrentUser> GetMeAsync(CancellationToken cancellationToken = default) =>
        GetAsync("me", ClientJson.Default.CurrentUser, cancellationToken);

    /// <summary>A page of the user's sessions, newest use first.</summary>
    /// <param name="includeEnded">True to add those that ended in the last 30 days.</param>
    /// <param name="after"><see cref="DeviceSessionPage.Next"/> of the page before; null for the first page.</param>
    /// <param name="limit">Maximum number of sessions on the page, 1 to 200; null for 200.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<DeviceSessionPage> GetSessionsAsync(
        bool includeEnded = false, string? after = null, int? limit = null, CancellationToken cancellationToken = default)
    {
        var path = new StringBuilder("sessions?ended=").Append(includeEnded ? "true" : "false");
        if (after is not null)
        {
            path.Append("&after=").Append(Uri.EscapeDataString(after));
        }

        if (limit is { } most)
        {
            path.Append(CultureInfo.InvariantCulture, $"&limit={most}");
        }

        return GetAsync(path.ToString(), ClientJson.Default.DeviceSessionPage, cancellationToken);
    }

    /// <summary>Ends one of the user's sessions.</summary>
    /// <exception cref="AuthServerException">
    /// <see cref="AuthServerErrorCodes.NotFound"/> if it is not a session of the user; or another code.
    /// </exception>
    public Task EndSessionAsync(Guid sessionId, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"sessions/{sessionId}", body: null, cancellationToken);

    /// <summary>
    /// Changes the password, which ends the user's other sessions and replaces the tokens of this one. A copy of its refresh
    /// token is worthless from then on. If the answer is lost, the user has to log in again.
    /// </summary>
    /// <param name="currentPassword">The current password.</param>
    /// <param name="newPassword">The new password.</param>
    /// <param name="code">A code of the authenticator app, or a recovery code, if the login needs a second factor.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AuthServerException">
    /// <c>invalid_credentials</c> if <paramref name="currentPassword"/> is wrong; <c>second_factor_required</c> with
    /// <see cref="AuthServerException.Methods"/>, <c>second_factor_invalid</c> or another code.
    /// </exception>
    public Task ChangePasswordAsync(
        string currentPassword, string newPassword, string? code = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(currentPassword);
        return ReplaceTokensAsync(
            "password",
            refreshToken => ClientJson.Body(
                new PasswordBody(currentPassword, newPassword, code, refreshToken), ClientJson.Default.PasswordBody),
            cancellationToken);
    }

    /// <summary>
    /// Sets the first password of an account that has none, as <see cref="ChangePasswordAsync"/> does. Needs a login or a
    /// reauthentication of the last minutes.
    /// </summary>
    /// <param name="newPassword">The password. It is not kept.</param>
    /// <param name="cancellationToken">Gives up. The password may have been set all the same.</param>
    /// <exception cref="AuthServerException">
    /// <c>reauthentication_required</c>; <c>invalid_request</c> if the password is weak or there is one already; or another code.
    /// </exception>
    public Task SetPasswordAsync(string newPassword, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(newPassword);
        return ReplaceTokensAsync(
            "password",
            refreshToken => ClientJson.Body(
                new PasswordBody(currentPassword: null, newPassword, code: null, refreshToken), ClientJson.Default.PasswordBody),
            cancellationToken);
    }

    private async Task<LoginResult> OpenAsync<T>(string path, T credentials, JsonTypeInfo<T> shape, CancellationToken ct)
    {
        try
        {
            await OpenSessionAsync(path, credentials, shape, ct).ConfigureAwait(false);
            return new LoginCompleted();
        }
        catch (AuthServerException refused) when (refused.Step is { } step)
        {
            return step;
        }
    }

    private async Task OpenSessionAsync<T>(string path, T credentials, JsonTypeInfo<T> shape, CancellationToken ct)
    {
        var device = await Keeper.ReadDeviceTokenAsync(ct).ConfigureAwait(false);
        using var body = ClientJson.Body(credentials, shape);
        var sentAt = Moment.Now(clock);
        var pair = await api.LoginAsync(path, body, device, ct).ConfigureAwait(false);
        await Keeper.OpenAsync(pair, sentAt).ConfigureAwait(false);
    }

    private async Task ReplaceTokensAsync(string path, Func<string?, HttpContent> bodyOf, CancellationToken ct)
    {
        var device = await Keeper.ReadDeviceTokenAsync(ct).ConfigureAwait(false);

        // A second time if the access token expired on its way.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await Keeper.GetAsync(ct).ConfigureAwait(false);
            if (await Keeper.TryReplaceAsync(ReplaceAsync, ct).ConfigureAwait(false))
            {
                return;
            }
        }

        // There is no session here, or none whose refresh token can come along. A refresh gets the tokens of the new proof.
        using var body = bodyOf(null);
        await SendAsync(HttpMethod.Post, path, body, ct).ConfigureAwait(false);
        Keeper.RefuseAccessToken();

        async Task<TokenPair> ReplaceAsync(AccessToken accessToken, string refreshToken)
        {
            using var body = bodyOf(refreshToken);
            return await api.ReplaceTokensAsync(path, body, accessToken, device, ct).ConfigureAwait(false);
        }
    }

    // Ends this session and more. One that is opened here before the answer arrives stays.
    private async Task EndAsync(HttpMethod method, string path, CancellationToken ct)
    {
        var session = await Keeper.GetSessionAsync(ct).ConfigureAwait(false);
        await SendAsync(method, path, body: null, ct).ConfigureAwait(false);
        if (session is { } ended)
        {
            await Keeper.ForgetAsync(ended).ConfigureAwait(false);
        }
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        using var tokens = new AuthServerHandler(this);
        return await server.SendAsync(HttpMethod.Get, path, body: null, shape, tokens, ct).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var tokens = new AuthServerHandler(this);
        await server.SendAsync(method, path, body, tokens, ct).ConfigureAwait(false);
    }
}
