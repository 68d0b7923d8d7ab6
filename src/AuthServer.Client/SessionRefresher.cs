using Microsoft.Extensions.Logging;

namespace AuthServer.Client;

/// <summary>Refreshes the session. Any number of callers that need a fresh token share one attempt. Safe to share.</summary>
/// <remarks>
/// Attempts are made for callers: each waits for the next one as <see cref="RetrySchedule"/> plans it, and no attempt begins
/// while no caller waits. An attempt under way outlives its callers, so that its answer is not lost.
/// </remarks>
/// <param name="server">Is asked for the new pair.</param>
/// <param name="held">The session that is refreshed.</param>
/// <param name="clock">Measures by its timestamps; the time of day is not used.</param>
/// <param name="log">Receives each failed attempt.</param>
/// <param name="raise">Called with a session that has ended by the answer to a refresh, once.</param>
internal sealed class SessionRefresher(
    ServerApi server, HeldSession held, TimeProvider clock, ILogger log, Action<SessionEndedEventArgs> raise)
    : IAsyncDisposable, IDisposable
{
    // No attempt begins later than this for a caller. A caller whose next attempt would begin later fails at once.
    private static readonly TimeSpan CallerBudget = TimeSpan.FromSeconds(30);

    // The end of the process waits this long for an answer that may be on its way.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    // Guards what follows. Never held while waiting.
    private readonly Lock sync = new();
    private readonly CancellationTokenSource stopping = new();
    private RetrySchedule schedule = new();
    private Cooldown? cooldown;
    private Task<Result>? attempt;
    private bool isDisposed;

    /// <summary>A fresh access token; null if there is no session.</summary>
    /// <exception cref="HttpRequestException">The last attempt failed, and the next is due too late for this caller.</exception>
    public async Task<AccessToken?> RefreshAsync(CancellationToken ct)
    {
        var budget = new RetryBudget(clock, CallerBudget);
        Cooldown? waited = null;
        while (true)
        {
            var result = await JoinAttempt(waited).WaitAsync(ct).ConfigureAwait(false);
            if (result.Cooldown is not { } next)
            {
                return result.Token;
            }

            if (await held.ReadAsync(ct).ConfigureAwait(false) is null)
            {
                return null;
            }

            if (!budget.Allows(next.Remaining))
            {
                throw next.Failure;
            }

            await next.WaitAsync(ct).ConfigureAwait(false);
            waited = next;
        }
    }

    /// <summary>Ends a cooldown. Called when another session is there than the failed attempts were for, or none.</summary>
    public void Reset()
    {
        Cooldown? ended;
        lock (sync)
        {
            (ended, cooldown, schedule) = (cooldown, null, new RetrySchedule());
        }

        ended?.End();
    }

    /// <summary>
    /// Waits up to 5 seconds for an attempt that is under way, then cancels it. Without its answer the next process would present
    /// an old token.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task? last;
        lock (sync)
        {
            last = attempt;
        }

        if (last is not null)
        {
            await last.WaitAsync(ShutdownTimeout, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Dispose();
    }

    /// <summary>Cancels an attempt that is under way.</summary>
    public void Dispose()
    {
        lock (sync)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
        }

        Reset();
        stopping.Cancel();
        stopping.Dispose();
    }

    // The attempt that is under way or a new one; or a cooldown that is not over, unless the caller has waited for it already.
    private Task<Result> JoinAttempt(Cooldown? waited)
    {
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (attempt is not null)
            {
                return attempt;
            }

            if (cooldown is not null && cooldown != waited)
            {
                if (cooldown.Remaining > TimeSpan.Zero)
                {
                    return Task.FromResult(new Result(Token: null, Cooldown: cooldown));
                }

                // No caller was waiting when the attempt was due.
                schedule.Restart();
            }

            return attempt = BeginAttempt();
        }
    }

    // Detached from the callers, each of which may give up.
    private Task<Result> BeginAttempt()
    {
        var stop = stopping.Token;
        var begun = Task.Run(() => RunAttemptAsync(stop), CancellationToken.None);
        begun.ObserveFailure();
        return begun;
    }

    private async Task<Result> RunAttemptAsync(CancellationToken stop)
    {
        Result result;
        try
        {
            result = await AttemptAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            lock (sync)
            {
                attempt = null;
            }
        }

        if (result.Ended is { } ended)
        {
            // Not before: a subscriber may ask for a token, and would wait for this very attempt.
            raise(ended);
        }

        return result;
    }

    private async Task<Result> AttemptAsync(CancellationToken ct)
    {
        while (true)
        {
            await held.Presenting.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                if (await TryAttemptAsync(ct).ConfigureAwait(false) is { } result)
                {
                    return result;
                }
            }
            finally
            {
                held.Presenting.Release();
            }
        }
    }

    // Null if there was a login or a logout meanwhile, or another process has refreshed.
    private async Task<Result?> TryAttemptAsync(CancellationToken ct)
    {
        var stored = await held.ReadAsync(ct).ConfigureAwait(false);
        if (stored is null)
        {
            return new Result(Token: null);
        }

        if (held.Fresh is { } fresh)
        {
            return new Result(fresh);
        }

        try
        {
            var result = await PresentAsync(stored, ct).ConfigureAwait(false);
            if (result is not null)
            {
                Reset();
            }

            return result;
        }
        catch (HttpRequestException failure)
        {
            if ((await held.ReadAsync(ct).ConfigureAwait(false))?.SessionId != stored.SessionId)
            {
                return null;
            }

            if (BeginCooldown(stored.SessionId, failure) is not { } begun)
            {
                throw;
            }

            return new Result(Token: null, Cooldown: begun);
        }
    }

    // Null if the answer is about a token that is no longer the one in the store.
    private async Task<Result?> PresentAsync(StoredSession presented, CancellationToken ct)
    {
        try
        {
            var sentAt = Moment.Now(clock);
            var pair = await server.RefreshAsync(presented.RefreshToken, schedule.AttemptTimeout, ct).ConfigureAwait(false);
            var token = new AccessToken(pair, sentAt);
            return await held.TryKeepAsync(presented, pair, token).ConfigureAwait(false) ? new Result(token) : null;
        }
        catch (AuthServerException refusal) when (refusal.EndsSession)
        {
            return await held.TryEndAsync(presented.SessionId, stored => stored == presented).ConfigureAwait(false)
                ? new Result(Token: null, new SessionEndedEventArgs(presented.SessionId, refusal.Code, refusal.Reason))
                : null;
        }
    }

    // Null if the same request would fail again.
    private Cooldown? BeginCooldown(Guid session, HttpRequestException failure)
    {
        Cooldown? begun;
        lock (sync)
        {
            begun = schedule.WaitAfter(failure) is { } wait ? new Cooldown(failure, wait, clock) : null;
            cooldown = begun;
            if (isDisposed)
            {
                begun?.End();
            }
        }

        log.RefreshFailed(session, begun?.Remaining ?? TimeSpan.Zero, failure);
        return begun;
    }

    /// <summary>Outcome of an attempt.</summary>
    /// <param name="Token">The access token to go on with; null if there is no session.</param>
    /// <param name="Ended">The session that has ended by it.</param>
    /// <param name="Cooldown">The pause until the next attempt, if this one failed.</param>
    private sealed record Result(AccessToken? Token, SessionEndedEventArgs? Ended = null, Cooldown? Cooldown = null);
}
