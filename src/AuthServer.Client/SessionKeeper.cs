using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>
/// The one session of this installation: its access token in memory, its refresh token in the store. Any number of callers that
/// need a fresh token wait for one refresh.
/// </summary>
internal sealed class SessionKeeper(
    ServerApi server,
    ITokenStore store,
    IOptions<AuthServerClientOptions> options,
    TimeProvider clock,
    ILogger<AuthServerClient> log) : IDisposable
{
    // The answer to the last try of a refresh may take as long as slow networks do.
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(60);

    // Guards the flight. Never held while waiting for anything.
    private readonly Lock gate = new();

    // Store and memory change together, one change at a time. Never held while the server is asked.
    private readonly SemaphoreSlim turn = new(1);

    private readonly CancellationTokenSource stopping = new();
    private AccessToken? current;
    private Task<AccessToken?>? flight;

    /// <summary>Raised once for a session that the server declared over, when nothing of it is left here.</summary>
    public event Action<SessionEndedEventArgs>? Ended;

    /// <summary>An access token that is still good; null where nobody is signed in.</summary>
    /// <exception cref="HttpRequestException">A fresh one was needed and could not be had. The session stays.</exception>
    public Task<AccessToken?> GetAsync(CancellationToken ct) =>
        Fresh is { } token ? Task.FromResult<AccessToken?>(token) : JoinFlight().WaitAsync(ct);

    /// <summary>Sends a token no more. One that has already been replaced does no harm to its successor.</summary>
    public void Discard(AccessToken refused) => Interlocked.CompareExchange(ref current, null, refused);

    /// <summary>Takes up the session of a login, in the place of whatever was there.</summary>
    public Task OpenAsync(TokenPair pair, long sentAt) =>
        SwapAsync(_ => true, pair.ToStored(), new AccessToken(pair, sentAt));

    /// <summary>Forgets the session, and returns what there was of it.</summary>
    public Task<StoredSession?> ForgetAsync() => SwapAsync(_ => true, next: null, token: null);

    /// <summary>Takes note that the session of an access token is over. One of a former session changes nothing.</summary>
    public async Task EndAsync(AccessToken ended, ProblemBody why)
    {
        Discard(ended);
        if (await SwapAsync(stored => stored?.SessionId == ended.SessionId, next: null, token: null).ConfigureAwait(false) is not null)
        {
            Raise(new SessionEndedEventArgs(ended.SessionId, why.Code, why.Reason));
        }
    }

    public async Task<bool> IsSignedInAsync(CancellationToken ct) => await store.ReadAsync(ct).ConfigureAwait(false) is not null;

    /// <summary>Ends a refresh that is under way; the process ends.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        turn.Dispose();
    }

    private AccessToken? Fresh => Volatile.Read(ref current) is { } token && token.IsFresh(clock) ? token : null;

    private Task<AccessToken?> JoinFlight()
    {
        lock (gate)
        {
            return flight ??= Depart();
        }
    }

    // Detached from the caller who happens to be first: that one may give up, while an answer must not be lost.
    private Task<AccessToken?> Depart()
    {
        var departed = Task.Run(FlyAsync, CancellationToken.None);

        // Where all have given up nobody is left to see how it failed.
        departed.ContinueWith(
            static landed => _ = landed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return departed;
    }

    private async Task<AccessToken?> FlyAsync()
    {
        Landing landing;
        try
        {
            landing = await RefreshAsync(stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                flight = null;
            }
        }

        // Only now, for a subscriber may ask for a token and would wait for this very flight.
        Raise(landing.Ended);
        return landing.Token;
    }

    private async Task<Landing> RefreshAsync(CancellationToken ct)
    {
        StoredSession? presented = null;
        Patience? patience = null;
        while (true)
        {
            // Each time anew: meanwhile there may have been a login or a logout, or another process has refreshed.
            var stored = await store.ReadAsync(ct).ConfigureAwait(false);
            if (stored is null || Fresh is not null)
            {
                return new Landing(stored is null ? null : Fresh);
            }

            if (patience is null || stored != presented)
            {
                // A tenth of the grace is left for the way, and for clocks that differ in pace.
                (presented, patience) = (stored, new Patience(clock, options.Value.Grace * 0.9, LongestTry));
            }

            try
            {
                if (await PresentAsync(stored, patience.TryTime, ct).ConfigureAwait(false) is { } landing)
                {
                    return landing;
                }
            }
            catch (HttpRequestException failure)
            {
                log.RefreshFailed(stored.SessionId, failure.Message);
                if (!await patience.WaitAsync(failure, ct).ConfigureAwait(false))
                {
                    log.RefreshGivenUp(stored.SessionId, failure);
                    throw;
                }
            }
        }
    }

    // Null where the answer is about a token that is no longer the one in the store.
    private async Task<Landing?> PresentAsync(StoredSession presented, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            var sentAt = clock.GetTimestamp();
            var pair = await server.RefreshAsync(presented.RefreshToken, limit, ct).ConfigureAwait(false);
            return await TryKeepAsync(presented, pair, new AccessToken(pair, sentAt)).ConfigureAwait(false);
        }
        catch (AuthServerException refusal) when (refusal.EndsSession)
        {
            return await TryEndAsync(presented, refusal).ConfigureAwait(false);
        }
    }

    private async Task<Landing?> TryKeepAsync(StoredSession presented, TokenPair pair, AccessToken token)
    {
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            // Where another process was faster its refresh token stays, being newer or the same; our access token is good either way.
            if (!await store.TryReplaceAsync(presented, pair.ToStored(), CancellationToken.None).ConfigureAwait(false)
                && (await store.ReadAsync(CancellationToken.None).ConfigureAwait(false))?.SessionId != token.SessionId)
            {
                return null;
            }

            Volatile.Write(ref current, token);
            return new Landing(token);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Landing?> TryEndAsync(StoredSession presented, AuthServerException refusal) =>
        await SwapAsync(stored => stored == presented, next: null, token: null).ConfigureAwait(false) is null
            ? null
            : new Landing(Token: null, new SessionEndedEventArgs(presented.SessionId, refusal.Code, refusal.Reason));

    // Returns what was there before; null where that was nothing, or not what is meant, and then nothing changes.
    private async Task<StoredSession?> SwapAsync(Func<StoredSession?, bool> isMeant, StoredSession? next, AccessToken? token)
    {
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            StoredSession? before;
            do
            {
                before = await store.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                if (!isMeant(before))
                {
                    return null;
                }
            }
            while (!await store.TryReplaceAsync(before, next, CancellationToken.None).ConfigureAwait(false));

            Volatile.Write(ref current, token);
            return before;
        }
        finally
        {
            turn.Release();
        }
    }

    private void Raise(SessionEndedEventArgs? ended)
    {
        if (ended is null)
        {
            return;
        }

        log.SessionEnded(ended.SessionId, ended.Code, ended.Reason);
        try
        {
            Ended?.Invoke(ended);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The request that learned of the end is not to blame for what the program makes of it.
            log.SubscriberFailed(exception);
        }
    }

    /// <summary>How a refresh came out.</summary>
    /// <param name="Token">The access token to go on with; null where nobody is signed in.</param>
    /// <param name="Ended">The session that is over by it, to be told once.</param>
    private sealed record Landing(AccessToken? Token, SessionEndedEventArgs? Ended = null);
}
