using System.Net;
using AuthServer.Credentials;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The order in which the networks of a flood are served. Items are named by network and number.</summary>
public sealed class FairQueueTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly FairQueue<string> queue;

    public FairQueueTests() => queue = new(clock);

    [Fact]
    public void Networks_alternate_and_items_of_one_keep_their_order()
    {
        Enqueue("a1", "a2", "a3", "a4", "b1", "b2", "c1");
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3", "a4"], DequeueAll());
    }

    [Fact]
    public void New_network_passes_all_that_were_served()
    {
        Enqueue("a1", "b1", "a2", "b2", "a3", "b3");
        Assert.Equal(["a1", "b1", "a2", "b2"], Dequeue(4));
        Enqueue("c1");
        Assert.Equal(["c1", "a3", "b3"], DequeueAll());
    }

    [Fact]
    public void Network_that_waits_for_each_answer_is_no_new_one()
    {
        foreach (var item in new[] { "a1", "a2", "a3" })
        {
            Enqueue(item);
            Assert.Equal([item], DequeueAll());
        }

        Enqueue("a4", "b1", "b2");
        Assert.Equal(["b1", "b2", "a4"], DequeueAll());
    }

    [Theory]
    [InlineData(59, "b1")]
    [InlineData(119, "b1")]
    [InlineData(120, "a2")]
    public void Served_items_are_forgotten_after_one_to_two_minutes(int seconds, string next)
    {
        Enqueue("a1");
        Assert.Equal(["a1"], DequeueAll());
        if (seconds > 60)
        {
            // The second minute begins with the first use in it.
            clock.Advance(TimeSpan.FromSeconds(60));
            Assert.Null(queue.Dequeue());
            seconds -= 60;
        }

        clock.Advance(TimeSpan.FromSeconds(seconds));
        Enqueue("a2", "b1");
        Assert.Equal([next], Dequeue(1));
    }

    [Fact]
    public void Counts_of_idle_queue_are_forgotten()
    {
        Enqueue("a1");
        Assert.Equal(["a1"], DequeueAll());
        clock.Advance(TimeSpan.FromMinutes(2));
        Enqueue("a2", "b1");
        Assert.Equal(["a2"], Dequeue(1));
    }

    [Fact]
    public void Newest_item_of_longest_flow_goes_first_when_queue_is_full()
    {
        Enqueue("a1", "a2", "a3", "b1", "b2", "c1");
        Assert.Equal(["a3", "b2", "a2", "c1", "b1", "a1"], Enumerable.Range(0, 6).Select(_ => queue.RemoveLast()));
        Assert.Null(queue.RemoveLast());
    }

    [Fact]
    public void Item_of_new_network_outlasts_those_of_served_networks()
    {
        Enqueue("a1", "a2", "b1");
        Assert.Equal(["a1"], Dequeue(1));
        Enqueue("c1");
        Assert.Equal("a2", queue.RemoveLast());
    }

    [Fact]
    public void Removed_item_is_not_served()
    {
        Enqueue("a1", "a2", "b1");
        Assert.True(queue.Remove(NetworkOf("a1"), "a1"));
        Assert.False(queue.Remove(NetworkOf("a1"), "a1"));
        Assert.False(queue.Remove(NetworkOf("c1"), "c1"));
        Assert.True(queue.Remove(NetworkOf("b1"), "b1"));
        Assert.Equal(1, queue.Count);
        Assert.Equal(["a2"], DequeueAll());
    }

    private static IPNetwork NetworkOf(string item) => new(new IPAddress([10, 0, (byte)item[0], 0]), 24);

    private void Enqueue(params string[] items) => Array.ForEach(items, item => queue.Enqueue(NetworkOf(item), item));

    private List<string?> Dequeue(int count) => [.. Enumerable.Range(0, count).Select(_ => queue.Dequeue())];

    private List<string?> DequeueAll()
    {
        var all = Dequeue(queue.Count);
        Assert.Null(queue.Dequeue());
        return all;
    }
}
