using System.Net;

namespace AuthServer.Credentials;

/// <summary>
/// A queue that is fair between networks, however much each of them sends. An item has a rank: the number of items that its
/// network has sent in the last minute, refused ones too. The lowest rank is first, and of equal ranks the oldest item. So a
/// network with one item passes all networks of a flood, and these alternate. Not thread-safe.
/// </summary>
internal sealed class FairQueue<T>(TimeProvider clock)
    where T : class
{
    // Some 10 MB. Beyond them, a network counts as one that has sent nothing.
    private const int MostNetworks = 100_000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly SortedSet<Entry> entries = new(
        Comparer<Entry>.Create((one, other) => (one.Rank, one.Arrival).CompareTo((other.Rank, other.Arrival))));

    private Dictionary<IPNetwork, int> sent = [];
    private Dictionary<IPNetwork, int> sentBefore = [];
    private long periodStart = clock.GetTimestamp();
    private long arrivals;

    /// <summary>Number of items that wait.</summary>
    public int Count => entries.Count;

    /// <summary>Adds an item, and counts it for its network.</summary>
    public Entry Enqueue(IPNetwork network, T item)
    {
        ForgetOldCounts();
        var count = sent.GetValueOrDefault(network) + 1;
        if (count > 1 || sent.Count < MostNetworks)
        {
            sent[network] = count;
        }

        var entry = new Entry(count + sentBefore.GetValueOrDefault(network), ++arrivals, item);
        entries.Add(entry);
        return entry;
    }

    /// <summary>Takes the next item; null if none waits.</summary>
    public T? Dequeue() => Take(entries.Min);

    /// <summary>Takes the item that would be the last one; null if none waits.</summary>
    public T? RemoveLast() => Take(entries.Max);

    /// <summary>Takes an item, wherever it stands. False if it does not wait.</summary>
    public bool Remove(Entry entry) => entries.Remove(entry);

    private T? Take(Entry? entry)
    {
        if (entry is not null)
        {
            entries.Remove(entry);
        }

        return entry?.Item;
    }

    // A count is remembered for one to two periods.
    private void ForgetOldCounts()
    {
        var elapsed = clock.GetElapsedTime(periodStart);
        if (elapsed >= Period)
        {
            (sentBefore, sent) = (elapsed < 2 * Period ? sent : [], []);
            periodStart = clock.GetTimestamp();
        }
    }

    /// <summary>An item that was added.</summary>
    /// <param name="Rank">Its rank.</param>
    /// <param name="Arrival">Its number in the order of arrival.</param>
    /// <param name="Item">The item.</param>
    internal sealed record Entry(int Rank, long Arrival, T Item);
}
