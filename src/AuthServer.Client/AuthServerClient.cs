using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <summary>
/// The session of one user in one installation: signing in and out, and what a signed-in user may ask of the server. One object
/// per process, made by <see cref="AuthServerClientSetup.AddAuthServerClient"/>; safe to share.
/// </summary>
/// <remarks>
/// Calls fail with <see cref="AuthServerException"/> where the server answers with an error, and with any other
/// <see cref="HttpRequestException"/> where it can't be reached or is too slow. Only the caller's own cancellation comes as an
/// <see cref="OperationCanceledException"/>. None of them ends the session. Calls that need somebody signed in fail
/// with <see cref="AuthServerErrorCodes.AccessTokenMissing"/> where nobody is.
/// </remarks>
public sealed class AuthServerClient
{
    private readonly ServerHttp server;
    private readonly ServerApi api;
    private readonly TimeProvider clock;

    internal AuthServerClient(ServerHttp server, ServerApi api, SessionKeeper keeper, TokenDestinations destinations, TimeProvider clock)
    {
        (this.server, this.api, this.clock) = (server, api, clock);
        (Keeper, Destinations) = (keeper, destinations);
        keeper.Ended += ended => SessionEnded?.Invoke(this, ended);
    }

    /// <summary>
    /// Raised once when the server has declared the session over, in answer to a refresh or to a request; its tokens are gone by
    /// then. Not by <see cref="LogoutAsync"/>, and never because the server could not be reached. Comes on any thread.
    /// </summary>
    public event EventHandler<SessionEndedEventArgs>? SessionEnded;

    internal SessionKeeper Keeper { get; }

    internal TokenDestinations Destinations { get; }

    /// <summary>Opens an account. Signs nobody in.</summary>
    public Task<RegisteredUser> RegisterAsync(
        string username,
        string password,
        string? email = null,
        string? displayName = null,
        CancellationToken cancellationToken = default) =>
        api.RegisterAsync(new RegisterBody(username, password, email, displayName), cancellationToken);

    /// <summary>
    /// Signs in, and takes the place of whoever was signed in here; that session lives on at the server, so log out first.
    /// </summary>
    /// <param name="username">The user name.</param>
    /// <param name="password">The password. It is not kept.</param>
    /// <param name="deviceName">What the list of sessions calls this device; up to 64 characters.</param>
    /// <param name="cancellationToken">Gives up. The server may have opened the session all the same.</param>
    public async Task LoginAsync(
        string username, string password, string? deviceName = null, CancellationToken cancellationToken = default)
    {
        var sentAt = clock.GetTimestamp();
        var pair = await api.LoginAsync(new LoginBody(username, password, deviceName), cancellationToken).ConfigureAwait(false);
        await Keeper.OpenAsync(pair, sentAt).ConfigureAwait(false);
    }

    /// <summary>
    /// Signs out. The tokens are forgotten first, whatever happens then; the server is told for up to 20 seconds. Where that fails
    /// nobody is signed in here any more, but the session lives on at the server. Does nothing where nobody is signed in.
    /// </summary>
    /// <exception cref="HttpRequestException">The server was not told.</exception>
    public async Task LogoutAsync(CancellationToken cancellationToken = default)
    {
        if (await Keeper.ForgetAsync().ConfigureAwait(false) is { } session)
        {
            await api.LogoutAsync(session.RefreshToken, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends every session of the user, this one among them. Where it fails one is still signed in, and so is whoever logs in here
    /// before the answer comes.
    /// </summary>
    public async Task LogoutEverywhereAsync(CancellationToken cancellationToken = default)
    {
        var session = await Keeper.GetSessionAsync(cancellationToken).ConfigureAwait(false);
        await TellAsync(HttpMethod.Post, "logout/all", body: null, cancellationToken).ConfigureAwait(false);
        if (session is { } ended)
        {
            await Keeper.ForgetAsync(ended).ConfigureAwait(false);
        }
    }

    /// <summary>Whether there is a session. The server is not asked: it may have ended it, which shows with the next request.</summary>
    public Task<bool> IsSignedInAsync(CancellationToken cancellationToken = default) =>
        Keeper.IsSignedInAsync(cancellationToken);

    /// <summary>
    /// An access token that is good for a moment, for what is no <see cref="HttpClient"/>: SignalR, gRPC, web sockets. Ask anew
    /// each time. Null where nobody is signed in.
    /// </summary>
    /// <exception cref="HttpRequestException">A fresh one was needed and could not be had.</exception>
    public async Task<string?> GetAccessTokenAsync(CancellationToken cancellationToken = default) =>
        (await Keeper.GetAsync(cancellationToken).ConfigureAwait(false))?.Value;

    /// <summary>Who is signed in.</summary>
    public Task<CurrentUser> GetMeAsync(CancellationToken cancellationToken = default) =>
        AskAsync("me", Wire.Default.CurrentUser, cancellationToken);

    /// <summary>The user's sessions, newest use first.</summary>
    /// <param name="includeEnded">Whether those that ended in the last 30 days are added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<DeviceSession>> GetSessionsAsync(
        bool includeEnded = false, CancellationToken cancellationToken = default)
    {
        var path = includeEnded ? "sessions?ended=true" : "sessions";
        return (await AskAsync(path, Wire.Default.SessionsBody, cancellationToken).ConfigureAwait(false)).Sessions;
    }

    /// <summary>
    /// Signs one of the user's devices out, or fails with <see cref="AuthServerErrorCodes.NotFound"/> where it is none of theirs.
    /// </summary>
    public Task EndSessionAsync(Guid sessionId, CancellationToken cancellationToken = default) =>
        TellAsync(HttpMethod.Delete, $"sessions/{sessionId}", body: null, cancellationToken);

    /// <summary>Changes the password, which ends the user's other sessions.</summary>
    public async Task ChangePasswordAsync(
        string currentPassword, string newPassword, CancellationToken cancellationToken = default)
    {
        using var body = Wire.Body(new PasswordBody(currentPassword, newPassword), Wire.Default.PasswordBody);
        await TellAsync(HttpMethod.Post, "password", body, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        using var tokens = new AuthServerHandler(Keeper, Destinations);
        using var http = server.Open(tokens);
        return await http.AskAsync(HttpMethod.Get, path, body: null, shape, ct).ConfigureAwait(false);
    }

    private async Task TellAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        using var tokens = new AuthServerHandler(Keeper, Destinations);
        using var http = server.Open(tokens);
        await http.TellAsync(method, path, body, ct).ConfigureAwait(false);
    }
}
