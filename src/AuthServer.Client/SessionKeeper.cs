using Microsoft.Extensions.Logging;

namespace AuthServer.Client;

/// <summary>Keeps the one session of this installation, and reports its end. Safe to share.</summary>
internal sealed class SessionKeeper : IAsyncDisposable, IDisposable
{
    private readonly ITokenStore store;
    private readonly HeldSession held;
    private readonly SessionRefresher refresher;
    private readonly TokenReplacer replacer;
    private readonly ILogger<AuthServerClient> log;

    public SessionKeeper(ServerApi server, ITokenStore store, TimeProvider clock, ILogger<AuthServerClient> log)
    {
        (this.store, this.log) = (store, log);
        held = new HeldSession(store, clock, log);
        refresher = new SessionRefresher(server, held, clock, log, Raise);
        replacer = new TokenReplacer(held, clock, ended =>
        {
            refresher.Reset();
            Raise(ended);
        });
    }

    /// <summary>Raised once for a session that the server declared ended, after this client has forgotten it.</summary>
    public event Action<SessionEndedEventArgs>? Ended;

    /// <summary>An access token that can be sent, of the session that is stored by then; null if there is none.</summary>
    /// <exception cref="HttpRequestException">
    /// A fresh token was needed, and the last attempt to get one failed with this exception. The session stays.
    /// </exception>
    public Task<AccessToken?> GetAsync(CancellationToken ct) =>
        held.Fresh is { } token ? Task.FromResult<AccessToken?>(token) : refresher.RefreshAsync(ct);

    /// <summary>The session that a request which begins now belongs to; null for none.</summary>
    public ValueTask<Guid?> GetSessionAsync(CancellationToken ct) => held.GetIdAsync(ct);

    public async Task<bool> IsLoggedInAsync(CancellationToken ct) => await store.ReadAsync(ct).ConfigureAwait(false) is not null;

    /// <inheritdoc cref="HeldSession.ReadDeviceTokenAsync"/>
    public Task<string?> ReadDeviceTokenAsync(CancellationToken ct) => held.ReadDeviceTokenAsync(ct);

    /// <inheritdoc cref="TokenReplacer.TryReplaceAsync"/>
    public Task<bool> TryReplaceAsync(Func<AccessToken, string, Task<TokenPair>> sendAsync, CancellationToken ct) =>
        replacer.TryReplaceAsync(sendAsync, ct);

    /// <summary>Makes the next request refresh first, because its token is to say something new.</summary>
    public void RefuseAccessToken() => held.Fresh?.Refuse();

    /// <summary>Stores the session of a login in place of any other.</summary>
    public async Task OpenAsync(TokenPair pair, Moment sentAt)
    {
        await held.OpenAsync(pair, new AccessToken(pair, sentAt)).ConfigureAwait(false);
        refresher.Reset();
    }

    /// <summary>Forgets the session, and returns the part of it that was stored.</summary>
    public async Task<StoredSession?> ForgetAsync()
    {
        var stored = await held.ForgetAsync().ConfigureAwait(false);
        refresher.Reset();
        return stored;
    }

    /// <summary>Forgets a session unless another has taken its place.</summary>
    public Task ForgetAsync(Guid session) => TryEndAsync(session);

    /// <summary>Records that the session of an access token has ended. Changes nothing if another has taken its place.</summary>
    public async Task EndAsync(AccessToken ended, ProblemBody problem)
    {
        ended.Refuse();
        if (await TryEndAsync(ended.SessionId).ConfigureAwait(false))
        {
            Raise(new SessionEndedEventArgs(ended.SessionId, problem.Code, problem.Reason));
        }
    }

    /// <inheritdoc cref="SessionRefresher.DisposeAsync"/>
    public ValueTask DisposeAsync() => refresher.DisposeAsync();

    /// <inheritdoc cref="SessionRefresher.Dispose"/>
    public void Dispose() => refresher.Dispose();

    private async Task<bool> TryEndAsync(Guid session)
    {
        var hasEnded = await held.TryEndAsync(session, _ => true).ConfigureAwait(false);
        if (hasEnded)
        {
            refresher.Reset();
        }

        return hasEnded;
    }

    private void Raise(SessionEndedEventArgs ended)
    {
        log.SessionEnded(ended.SessionId, ended.Code, ended.Reason);
        try
        {
            Ended?.Invoke(ended);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The request that found the session ended is not to blame for a failure of the program's own handler.
            log.SubscriberFailed(exception);
        }
    }
}
