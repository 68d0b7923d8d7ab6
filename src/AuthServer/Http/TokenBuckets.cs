using System.Net;

namespace AuthServer.Http;

/// <summary>The size of a token bucket.</summary>
/// <param name="burst">Largest number of tokens.</param>
/// <param name="perSecond">Tokens that a second adds.</param>
internal sealed class BucketSize(double burst, double perSecond)
{
    public double Burst => burst;

    public double PerSecond => perSecond;
}

/// <summary>A bucket of one size, of a network or an account. The same size is the same object.</summary>
internal readonly record struct BucketKey(BucketSize Size, IPNetwork Network, Guid AccountId = default);

/// <summary>
/// Token buckets. A request takes a token of each of its buckets, or none at all. The limiters of .NET can't be taken
/// together, so a refusal by one would still cost tokens of another one. Safe to share.
/// </summary>
/// <param name="clock">The clock by which they fill.</param>
/// <param name="limit">Largest number of buckets that are kept.</param>
internal sealed class TokenBuckets(TimeProvider clock, int limit)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock access = new();
    private readonly Dictionary<BucketKey, Bucket> buckets = [];
    private long sweptAt = clock.GetTimestamp();

    /// <summary>Number of buckets that are kept. A full bucket need not be.</summary>
    public int Count
    {
        get
        {
            lock (access)
            {
                return buckets.Count;
            }
        }
    }

    /// <summary>Takes a token of each bucket. If one has none, no token is taken.</summary>
    /// <param name="keys">The buckets.</param>
    /// <returns>The time until all have a token again; zero if the tokens were taken.</returns>
    public TimeSpan TakeOrWait(ReadOnlySpan<BucketKey> keys)
    {
        lock (access)
        {
            var now = clock.GetTimestamp();
            Span<double> tokens = stackalloc double[keys.Length];
            var wait = 0.0;
            for (var i = 0; i < keys.Length; i++)
            {
                var isKept = buckets.TryGetValue(keys[i], out var bucket);
                tokens[i] = isKept ? TokensOf(keys[i].Size, bucket, now) : keys[i].Size.Burst;
                wait = Math.Max(wait, (1 - tokens[i]) / keys[i].Size.PerSecond);
            }

            if (wait > 0)
            {
                return TimeSpan.FromSeconds(wait);
            }

            for (var i = 0; i < keys.Length; i++)
            {
                buckets[keys[i]] = new Bucket(tokens[i] - 1, now);
            }

            SweepIfDue(now);
            return TimeSpan.Zero;
        }
    }

    private double TokensOf(BucketSize size, Bucket bucket, long now) =>
        Math.Min(size.Burst, bucket.Tokens + (clock.GetElapsedTime(bucket.At, now).TotalSeconds * size.PerSecond));

    // Full buckets go. If these are not enough, so do those of which the least was taken.
    private void SweepIfDue(long now)
    {
        var isTooMany = buckets.Count > limit;
        if (!isTooMany && clock.GetElapsedTime(sweptAt, now) < SweepInterval)
        {
            return;
        }

        sweptAt = now;
        Sweep(share: 1, now);
        for (var share = 0.5; isTooMany && buckets.Count > limit / 2; share = share < 0.1 ? 0 : share / 2)
        {
            Sweep(share, now);
        }
    }

    private void Sweep(double share, long now)
    {
        foreach (var (key, bucket) in buckets)
        {
            if (TokensOf(key.Size, bucket, now) >= key.Size.Burst * share)
            {
                buckets.Remove(key);
            }
        }
    }

    private readonly record struct Bucket(double Tokens, long At);
}
