using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>
/// Keeps the one session of this installation fresh. Any number of callers that need a fresh token wait for one refresh.
/// </summary>
internal sealed class SessionKeeper(
    ServerApi server,
    ITokenStore store,
    IOptions<AuthServerClientOptions> options,
    TimeProvider clock,
    ILogger<AuthServerClient> log) : IAsyncDisposable, IDisposable
{
    // The answer to the last try of a refresh may take as long as slow networks do.
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(60);

    // How long the end of the process waits for an answer that may be on its way.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    // Guards the flight. Never held while waiting for anything.
    private readonly Lock gate = new();

    private readonly HeldSession held = new(store, clock);
    private readonly CancellationTokenSource stopping = new();
    private Task<AccessToken?>? flight;
    private Rest? rest;
    private bool isDisposed;

    /// <summary>Raised once for a session that the server declared over, when nothing of it is left here.</summary>
    public event Action<SessionEndedEventArgs>? Ended;

    /// <summary>An access token that is still good, of whoever is signed in by then; null where nobody is.</summary>
    /// <exception cref="HttpRequestException">A fresh one was needed and could not be had. The session stays.</exception>
    public Task<AccessToken?> GetAsync(CancellationToken ct) =>
        held.Fresh is { } token ? Task.FromResult<AccessToken?>(token) : JoinFlight().WaitAsync(ct);

    /// <summary>The session that a request which begins now would belong to; null for none.</summary>
    public ValueTask<Guid?> GetSessionAsync(CancellationToken ct) => held.GetIdAsync(ct);

    /// <summary>Takes up the session of a login, in the place of whatever was there.</summary>
    public Task OpenAsync(TokenPair pair, long sentAt)
    {
        // A server that lets somebody in has had its rest.
        Volatile.Write(ref rest, null);
        return held.OpenAsync(pair, new AccessToken(pair, sentAt));
    }

    /// <summary>Forgets the session, and returns what there was of it.</summary>
    public Task<StoredSession?> ForgetAsync() => held.ForgetAsync();

    /// <summary>Forgets a session, if it is still the one that is here.</summary>
    public Task ForgetAsync(Guid session) => held.TryEndAsync(session, _ => true);

    /// <summary>Takes note that the session of an access token is over. One of a former session changes nothing.</summary>
    public async Task EndAsync(AccessToken ended, ProblemBody why)
    {
        ended.Refuse();
        if (await held.TryEndAsync(ended.SessionId, _ => true).ConfigureAwait(false))
        {
            Raise(new SessionEndedEventArgs(ended.SessionId, why.Code, why.Reason));
        }
    }

    public async Task<bool> IsSignedInAsync(CancellationToken ct) => await store.ReadAsync(ct).ConfigureAwait(false) is not null;

    /// <summary>
    /// Ends a refresh that is under way, but gives it 5 seconds: without its answer the next process would have an old token.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task? last;
        lock (gate)
        {
            last = flight;
        }

        if (last is not null)
        {
            await last.WaitAsync(Farewell, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Dispose();
    }

    /// <summary>Ends a refresh that is under way, at once.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
        }

        stopping.Cancel();
        stopping.Dispose();
    }

    private Task<AccessToken?> JoinFlight()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return flight ??= Depart();
        }
    }

    // Detached from the caller who happens to be first: that one may give up, while an answer must not be lost.
    private Task<AccessToken?> Depart()
    {
        var stop = stopping.Token;
        var departed = Task.Run(() => FlyAsync(stop), CancellationToken.None);

        // Where all have given up nobody is left to see how it failed.
        departed.ContinueWith(
            static landed => _ = landed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return departed;
    }

    private async Task<AccessToken?> FlyAsync(CancellationToken stop)
    {
        Landing landing;
        try
        {
            landing = await RefreshAsync(stop).ConfigureAwait(false);
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
            var stored = await held.ReadAsync(ct).ConfigureAwait(false);
            if (stored is null)
            {
                return new Landing(Token: null);
            }

            if (held.Fresh is { } fresh)
            {
                return new Landing(fresh);
            }

            if (Volatile.Read(ref rest) is { } wanted && wanted.Lasts(clock))
            {
                throw wanted.Refusal;
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
                    Volatile.Write(ref rest, Rest.WantedBy(failure, clock));
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
            var token = new AccessToken(pair, sentAt);
            return await held.TryKeepAsync(presented, pair, token).ConfigureAwait(false) ? new Landing(token) : null;
        }
        catch (AuthServerException refusal) when (refusal.EndsSession)
        {
            return await held.TryEndAsync(presented.SessionId, stored => stored == presented).ConfigureAwait(false)
                ? new Landing(Token: null, new SessionEndedEventArgs(presented.SessionId, refusal.Code, refusal.Reason))
                : null;
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

    /// <summary>How long the server wants to be left alone, beyond the patience of one refresh.</summary>
    private sealed record Rest(AuthServerException Refusal, long Since)
    {
        // Whoever it was that answered, it may not put this program to rest for ever.
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

        public static Rest? WantedBy(HttpRequestException failure, TimeProvider clock) => failure is AuthServerException
        {
            RetryAfter: not null, StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
        } refusal
            ? new Rest(refusal, clock.GetTimestamp())
            : null;

        public bool Lasts(TimeProvider clock) =>
            clock.GetElapsedTime(Since) is var past && past < Refusal.RetryAfter && past < Longest;
    }
}
