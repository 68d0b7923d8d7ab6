namespace AuthServer.Client;

/// <summary>
/// The sessions of many users in one process, one <see cref="AuthServerClient"/> for each key. Made by
/// <see cref="AuthServerClientServiceCollectionExtensions.AddAuthServerClients"/>; safe to share.
/// </summary>
/// <remarks>
/// A client is evicted from memory when it has not been asked for in 5 minutes and the program holds no reference to it. The
/// store of its session stays, and the next call for its key gets a new client, which refreshes once. Subscribers of
/// <see cref="AuthServerClient.SessionEnded"/> are evicted with their client.
/// </remarks>
public sealed class AuthServerClients : IAsyncDisposable, IDisposable
{
    // No access token lives longer. An eviction then costs no refresh that would not be due anyway.
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(5);

    private readonly Func<string, AuthServerClient> create;
    private readonly TimeProvider clock;

    // Guards what follows.
    private readonly Lock sync = new();
    private readonly Dictionary<string, Entry> entries = [];
    private long sweptAt;
    private bool isDisposed;

    internal AuthServerClients(Func<string, AuthServerClient> create, TimeProvider clock)
    {
        (this.create, this.clock) = (create, clock);
        sweptAt = clock.GetTimestamp();
    }

    /// <summary>
    /// The client of the session with a key: always the same one while it is in use, so that its requests share one refresh.
    /// </summary>
    /// <param name="key">
    /// Identifies the session and opens it, so it must not be guessable or chosen by a user. Draw it at random at each login.
    /// Keep it where the user can't change it, such as in the cookie of ASP.NET Core's authentication. Compared character by
    /// character.
    /// </param>
    public AuthServerClient For(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Find(key) ?? Add(key, create(key));
    }

    /// <summary>
    /// Waits up to 5 seconds for refreshes that are under way, then cancels them. Their answers are then in the stores.
    /// </summary>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(Close().Select(client => client.Keeper.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>Cancels refreshes that are under way.</summary>
    public void Dispose()
    {
        foreach (var client in Close())
        {
            client.Keeper.Dispose();
        }
    }

    private AuthServerClient? Find(string key)
    {
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            var now = clock.GetTimestamp();
            SweepIfDue(now);
            return entries.GetValueOrDefault(key)?.Use(now);
        }
    }

    // If two calls have created a client for one key, both get the first.
    private AuthServerClient Add(string key, AuthServerClient created)
    {
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            var now = clock.GetTimestamp();
            if (entries.GetValueOrDefault(key)?.Use(now) is { } first)
            {
                return first;
            }

            entries[key] = new Entry(created, now);
            return created;
        }
    }

    private void SweepIfDue(long now)
    {
        if (clock.GetElapsedTime(sweptAt, now) < Retention)
        {
            return;
        }

        sweptAt = now;
        foreach (var (key, entry) in entries)
        {
            if (clock.GetElapsedTime(entry.UsedAt, now) >= Retention && !entry.IsReferencedAfterRelease())
            {
                entries.Remove(key);
            }
        }
    }

    private List<AuthServerClient> Close()
    {
        lock (sync)
        {
            isDisposed = true;
            List<AuthServerClient> open = [.. entries.Values.Select(entry => entry.Client).OfType<AuthServerClient>()];
            entries.Clear();
            return open;
        }
    }

    /// <summary>
    /// A client that is held while it is in use. Later it lasts as long as the program has a reference to it: a second client for
    /// its key would refresh beside it.
    /// </summary>
    private sealed class Entry(AuthServerClient client, long usedAt)
    {
        private readonly WeakReference<AuthServerClient> reference = new(client);
        private AuthServerClient? held = client;

        public long UsedAt { get; private set; } = usedAt;

        /// <summary>The client; null if it is gone.</summary>
        public AuthServerClient? Client => reference.TryGetTarget(out var client) ? client : null;

        public AuthServerClient? Use(long now)
        {
            (held, UsedAt) = (Client, now);
            return held;
        }

        /// <summary>Holds the client no longer. False if it is gone.</summary>
        public bool IsReferencedAfterRelease()
        {
            held = null;
            return Client is not null;
        }
    }
}
