using System.Net;
using AuthServer.Credentials;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The order of items in a flood. They are named by network and number.</summary>
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
    public void New_network_passes_all_that_sent_more()
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

    [Fact]
    public void Refused_items_count_for_their_network()
    {
        Enqueue("a1");
        Assert.Equal("a1", queue.RemoveLast());
        Enqueue("a2", "b1");
        Assert.Equal(["b1", "a2"], DequeueAll());
    }

    [Theory]
    [InlineData(60, 59, "b1")]
    [InlineData(60, 60, "a2")]
    [InlineData(119, 1, "b1")]
    [InlineData(0, 120, "a2")]
    public void Items_count_for_one_to_two_minutes(int first, int second, string next)
    {
        Enqueue("a1");
        Assert.Equal(["a1"], DequeueAll());

        // A new minute begins with the first item in it.
        clock.Advance(TimeSpan.FromSeconds(first));
        Enqueue("c1");
        Assert.Equal(["c1"], DequeueAll());
        clock.Advance(TimeSpan.FromSeconds(second));
        Enqueue("a2", "b1");
        Assert.Equal([next], Dequeue(1));
    }

    [Fact]
    public void Newest_item_of_network_that_sent_most_is_last()
    {
        Enqueue("a1", "a2", "a3", "b1", "b2", "c1");
        Assert.Equal(["a3", "b2", "a2", "c1", "b1", "a1"], Enumerable.Range(0, 6).Select(_ => queue.RemoveLast()));
        Assert.Null(queue.RemoveLast());
    }

    [Fact]
    public void Item_of_new_network_is_not_last()
    {
        Enqueue("a1", "a2", "b1");
        Assert.Equal(["a1"], Dequeue(1));
        Enqueue("c1");
        Assert.Equal("a2", queue.RemoveLast());
    }

    [Fact]
    public void Removed_item_is_not_served()
    {
        var first = queue.Enqueue(NetworkOf("a1"), "a1");
        Enqueue("a2");
        Assert.True(queue.Remove(first));
        Assert.False(queue.Remove(first));
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
