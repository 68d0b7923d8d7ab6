namespace AuthServer.Client;

/// <summary>
/// The one session of this installation: its refresh token in the store, its newest access token in memory. Both change together,
/// one change at a time.
/// </summary>
#pragma warning disable CA1001 // A late answer has to be stored when all else is disposed of; the semaphore holds no handle.
internal sealed class HeldSession(ITokenStore store, TimeProvider clock)
#pragma warning restore CA1001
{
    // Never held while the server is asked.
    private readonly SemaphoreSlim turn = new(1);

    // Kept beyond its use, for it tells which session this process was in when that ended.
    private AccessToken? current;

    /// <summary>The access token, if it is still worth sending.</summary>
    public AccessToken? Fresh => Volatile.Read(ref current) is { } token && token.IsFresh(clock) ? token : null;

    /// <summary>The session as it is stored, which is not asked for while the access token is good; null for none.</summary>
    public async ValueTask<Guid?> GetIdAsync(CancellationToken ct) =>
        Fresh?.SessionId ?? (await store.ReadAsync(ct).ConfigureAwait(false))?.SessionId;

    /// <summary>What is stored. Where that is nothing any more another process has signed out, and this one is too.</summary>
    public async Task<StoredSession?> ReadAsync(CancellationToken ct)
    {
        if (await store.ReadAsync(ct).ConfigureAwait(false) is { } stored)
        {
            return stored;
        }

        await turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            stored = await store.ReadAsync(ct).ConfigureAwait(false);
            if (stored is null)
            {
                Volatile.Write(ref current, null);
            }

            return stored;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Takes up a session in the place of whatever was there.</summary>
    public Task OpenAsync(TokenPair pair, AccessToken token) => ReplaceAsync(pair.ToStored(), token);

    /// <summary>Forgets the session, whichever it is, and returns what was stored of it.</summary>
    public Task<StoredSession?> ForgetAsync() => ReplaceAsync(next: null, token: null);

    /// <summary>Keeps what a refresh brought. False where its session is no longer the one that is stored.</summary>
    public async Task<bool> TryKeepAsync(StoredSession presented, TokenPair pair, AccessToken token)
    {
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            // Where another process was faster its refresh token stays, being newer or the same;
            // our access token is good either way.
            if (!await store.TryReplaceAsync(presented, pair.ToStored(), CancellationToken.None).ConfigureAwait(false)
                && (await store.ReadAsync(CancellationToken.None).ConfigureAwait(false))?.SessionId != token.SessionId)
            {
                return false;
            }

            Volatile.Write(ref current, token);
            return true;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>
    /// Forgets a session that is over. True once per process that was in it, whoever has taken it out of the store; false with
    /// nothing changed where <paramref name="isOver"/> says no to what is stored of it.
    /// </summary>
    public async Task<bool> TryEndAsync(Guid session, Func<StoredSession, bool> isOver)
    {
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            StoredSession? stored;
            do
            {
                stored = await store.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                if (stored?.SessionId != session)
                {
                    break;
                }

                if (!isOver(stored))
                {
                    return false;
                }
            }
            while (!await store.TryReplaceAsync(stored, null, CancellationToken.None).ConfigureAwait(false));

            var isHeld = Volatile.Read(ref current)?.SessionId == session;
            if (isHeld)
            {
                Volatile.Write(ref current, null);
            }

            return isHeld || stored?.SessionId == session;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<StoredSession?> ReplaceAsync(StoredSession? next, AccessToken? token)
    {
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            StoredSession? before;
            do
            {
                before = await store.ReadAsync(CancellationToken.None).ConfigureAwait(false);
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
}
