using System.Net;

namespace AuthServer.Credentials;

/// <summary>
/// A queue that is fair between networks, however much each of them sends. The next item is of the network that had the fewest
/// served in the last minute, and among equals the oldest. So a network with one request passes all networks of a flood, and
/// these alternate. Not thread-safe.
/// </summary>
internal sealed class FairQueue<T>(TimeProvider clock)
    where T : class
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPNetwork, LinkedList<Entry>> flows = [];
    private Dictionary<IPNetwork, int> served = [];
    private Dictionary<IPNetwork, int> servedBefore = [];
    private long periodStart = clock.GetTimestamp();
    private long arrivals;

    /// <summary>Number of items that wait.</summary>
    public int Count { get; private set; }

    public void Enqueue(IPNetwork network, T item)
    {
        if (!flows.TryGetValue(network, out var flow))
        {
            flows[network] = flow = new();
        }

        flow.AddLast(new Entry(item, ++arrivals));
        Count++;
    }

    /// <summary>Takes the next item and counts it as served; null if none waits.</summary>
    public T? Dequeue()
    {
        ForgetOldCounts();
        if (Count == 0)
        {
            return null;
        }

        var (network, flow) = flows.MinBy(entry => (ServedOf(entry.Key), entry.Value.First!.Value.Arrival));
        served[network] = served.GetValueOrDefault(network) + 1;
        return Take(network, flow, flow.First!);
    }

    /// <summary>Takes the item that would be served last of all that wait; null if none waits.</summary>
    public T? RemoveLast()
    {
        ForgetOldCounts();
        if (Count == 0)
        {
            return null;
        }

        var (network, flow) = flows.MaxBy(
            entry => (ServedOf(entry.Key) + entry.Value.Count, entry.Value.Last!.Value.Arrival));
        return Take(network, flow, flow.Last!);
    }

    /// <summary>Takes an item, wherever it stands. False if it does not wait.</summary>
    public bool Remove(IPNetwork network, T item)
    {
        if (!flows.TryGetValue(network, out var flow))
        {
            return false;
        }

        for (var node = flow.First; node is not null; node = node.Next)
        {
            if (node.Value.Item == item)
            {
                Take(network, flow, node);
                return true;
            }
        }

        return false;
    }

    private T Take(IPNetwork network, LinkedList<Entry> flow, LinkedListNode<Entry> node)
    {
        flow.Remove(node);
        Count--;
        if (flow.Count == 0)
        {
            flows.Remove(network);
        }

        return node.Value.Item;
    }

    private int ServedOf(IPNetwork network) => served.GetValueOrDefault(network) + servedBefore.GetValueOrDefault(network);

    // A count is remembered for one to two periods. There are never more counts than hashes of that time.
    private void ForgetOldCounts()
    {
        var elapsed = clock.GetElapsedTime(periodStart);
        if (elapsed >= Period)
        {
            (servedBefore, served) = (elapsed < 2 * Period ? served : [], []);
            periodStart = clock.GetTimestamp();
        }
    }

    private readonly record struct Entry(T Item, long Arrival);
}
