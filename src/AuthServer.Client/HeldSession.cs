using Microsoft.Extensions.Logging;

namespace AuthServer.Client;

/// <summary>
/// The one session of this installation: its refresh token in the store, its newest access token in memory. Both change together,
/// one change at a time.
/// </summary>
#pragma warning disable CA1001 // Not disposed of: an answer may have to be stored during disposal. The semaphore holds no handle.
internal sealed class HeldSession(ITokenStore store, TimeProvider clock, ILogger log)
#pragma warning restore CA1001
{
    // Never held during a request.
    private readonly SemaphoreSlim writeLock = new(1);

    // Kept after it has expired: it says which session this process was in when that session ended.
    private AccessToken? current;

    /// <summary>
    /// Held while a refresh token is presented. Once a request has replaced it, presenting it would be reuse.
    /// </summary>
    public SemaphoreSlim Presenting { get; } = new(1);

    /// <summary>The access token; null if there is none that can be sent.</summary>
    public AccessToken? Fresh => Volatile.Read(ref current) is { } token && token.IsFresh(clock) ? token : null;

    /// <summary>The id of the stored session; null for none. Not read from the store while the access token is fresh.</summary>
    public async ValueTask<Guid?> GetIdAsync(CancellationToken ct) =>
        Fresh?.SessionId ?? (await store.ReadAsync(ct).ConfigureAwait(false))?.SessionId;

    /// <summary>The stored session. If another process has removed it, this process forgets its access token as well.</summary>
    public async Task<StoredSession?> ReadAsync(CancellationToken ct)
    {
        if (await store.ReadAsync(ct).ConfigureAwait(false) is { } stored)
        {
            return stored;
        }

        await writeLock.WaitAsync(ct).ConfigureAwait(false);
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
            writeLock.Release();
        }
    }

    /// <summary>Stores a session in place of any other.</summary>
    public async Task OpenAsync(TokenPair pair, AccessToken token)
    {
        await ReplaceAsync(pair.ToStored(), token).ConfigureAwait(false);
        await KeepDeviceTokenAsync(pair).ConfigureAwait(false);
    }

    /// <summary>Stores a pair that replaced all tokens of its session, unless another session is stored.</summary>
    public async Task KeepReplacementAsync(TokenPair pair, AccessToken token)
    {
        await ReplaceAsync(pair.ToStored(), token, only: pair.SessionId).ConfigureAwait(false);
        await KeepDeviceTokenAsync(pair).ConfigureAwait(false);
    }

    /// <summary>The device token of the last login; null if there is none that can be read and sent.</summary>
    public async Task<string?> ReadDeviceTokenAsync(CancellationToken ct)
    {
        try
        {
            var token = await store.ReadDeviceTokenAsync(ct).ConfigureAwait(false);
            return token is { Length: > 0 } && token.All(character => character is > ' ' and <= '~') ? token : null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            log.DeviceTokenNotRead(exception);
            return null;
        }
    }

    /// <summary>Forgets the session, and returns the part of it that was stored.</summary>
    public Task<StoredSession?> ForgetAsync() => ReplaceAsync(next: null, token: null);

    /// <summary>Keeps the pair of a refresh. False if its session is no longer the stored one.</summary>
    public async Task<bool> TryKeepAsync(StoredSession presented, TokenPair pair, AccessToken token)
    {
        await writeLock.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            // If another process was faster, its refresh token stays, which is newer or the same. The access token can be used
            // either way.
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
            writeLock.Release();
        }
    }

    /// <summary>
    /// Forgets a session that has ended. True once in each process that was in it, even if another process has removed it from
    /// the store. False, with nothing changed, if <paramref name="hasEnded"/> is false for the stored session.
    /// </summary>
    public async Task<bool> TryEndAsync(Guid session, Func<StoredSession, bool> hasEnded)
    {
        await writeLock.WaitAsync(CancellationToken.None).ConfigureAwait(false);
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

                if (!hasEnded(stored))
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
            writeLock.Release();
        }
    }

    private async Task KeepDeviceTokenAsync(TokenPair pair)
    {
        if (pair.DeviceToken is not { } token)
        {
            return;
        }

        try
        {
            await store.WriteDeviceTokenAsync(token, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The session is open and stored by now.
            log.DeviceTokenNotWritten(exception);
        }
    }

    private async Task<StoredSession?> ReplaceAsync(StoredSession? next, AccessToken? token, Guid? only = null)
    {
        await writeLock.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            StoredSession? before;
            do
            {
                before = await store.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                if (only is { } session && before?.SessionId != session)
                {
                    return before;
                }
            }
            while (!await store.TryReplaceAsync(before, next, CancellationToken.None).ConfigureAwait(false));

            Volatile.Write(ref current, token);
            return before;
        }
        finally
        {
            writeLock.Release();
        }
    }
}
