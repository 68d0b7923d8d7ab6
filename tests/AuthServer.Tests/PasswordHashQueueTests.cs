using System.Net;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The queue in front of the hashing threads, which a test occupies and of which it frees one.</summary>
public sealed class PasswordHashQueueTests : IAsyncLifetime
{
    private static readonly int Threads = Environment.ProcessorCount;

    private static readonly HashCaller Flooder = new("198.51.100.7", IsKnownDevice: false);
    private static readonly HashCaller Stranger = new("203.0.113.7", IsKnownDevice: false);
    private static readonly HashCaller KnownDevice = new("192.0.2.7", IsKnownDevice: true);

    private readonly FakeTimeProvider clock = new();
    private readonly ServiceProvider services =
        new ServiceCollection().AddMetrics().AddSingleton<AuthMeter>().BuildServiceProvider();

    private readonly PasswordHashQueue queue;
    private readonly List<string> order = [];
    private readonly SemaphoreSlim occupied = new(0);
    private readonly SemaphoreSlim free = new(0);
    private readonly List<Task> occupations = [];

    public PasswordHashQueueTests() => queue = new(services.GetRequiredService<AuthMeter>(), clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await OccupyAsync(Threads);

    public async ValueTask DisposeAsync()
    {
        free.Release(occupations.Count);
        await Task.WhenAll(occupations);
        queue.Dispose();
        services.Dispose();
        occupied.Dispose();
        free.Dispose();
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.0/24")]
    [InlineData("2001:db8:1:2ff:3:4:5:6", "2001:db8:1::/48")]
    [InlineData("unknown", "0.0.0.0/0")]
    [InlineData(null, "0.0.0.0/0")]
    public void Widest_network_of_address_shares_threads(string? address, string network) =>
        Assert.Equal(IPNetwork.Parse(network), new HashCaller(address, IsKnownDevice: false).Network);

    [Fact]
    public async Task Network_with_one_login_passes_flood_of_another()
    {
        var flood = Enumerable.Range(0, 20).Select(i => RunAsync("flood", Flooder)).ToList();
        var login = RunAsync("login", Stranger);
        FreeOneThread();
        await Task.WhenAll([.. flood, login]);
        Assert.Equal(["flood", "login", "flood"], order.Take(3));
    }

    [Fact]
    public async Task Known_device_passes_flood_of_many_networks()
    {
        var flood = Enumerable.Range(0, 20).Select(i => RunAsync("flood", new($"10.0.{i}.1", IsKnownDevice: false))).ToList();
        var login = RunAsync("login", KnownDevice);
        FreeOneThread();
        await Task.WhenAll([.. flood, login]);
        Assert.Equal("login", order[0]);
    }

    [Fact]
    public async Task Every_second_hash_is_of_known_device()
    {
        var waiting = Enumerable.Range(0, 20).Select(i => RunAsync("stranger", Stranger))
            .Concat(Enumerable.Range(0, 10).Select(i => RunAsync("known", KnownDevice))).ToList();
        FreeOneThread();
        await Task.WhenAll(waiting);
        Assert.Equal(Enumerable.Repeat<string[]>(["known", "stranger"], 10).SelectMany(pair => pair), order.Take(20));
    }

    [Fact]
    public async Task Known_devices_of_one_network_pass_flood_of_known_devices()
    {
        var flood = Enumerable.Range(0, 20).Select(i => RunAsync("flood", Flooder with { IsKnownDevice = true })).ToList();
        var login = RunAsync("login", KnownDevice);
        FreeOneThread();
        await Task.WhenAll([.. flood, login]);
        Assert.Equal(["flood", "login", "flood"], order.Take(3));
    }

    [Fact]
    public async Task Full_queue_refuses_network_that_fills_it_and_no_other()
    {
        var flood = Fill();
        var full = queue.Waiting;
        await Assert.ThrowsAsync<UnavailableException>(() => RunAsync("one more", Flooder));
        Assert.Equal(full, queue.Waiting);
        var login = RunAsync("login", Stranger);
        await Assert.ThrowsAsync<UnavailableException>(() => flood[^1]);
        Assert.Equal(full, queue.Waiting);
        var known = RunAsync("known", KnownDevice);
        Assert.Equal(full + 1, queue.Waiting);
        Assert.Equal(3, queue.Refused);
        FreeOneThread();
        await Task.WhenAll([.. flood[..^1], login, known]);
        Assert.Equal(["known", "flood", "login", "flood"], order.Take(4));
    }

    [Fact]
    public void Queue_is_as_long_as_its_threads_can_hash_in_five_seconds() => Assert.Equal(50 * Threads, Fill().Count);

    [Fact]
    public async Task Slow_hashes_make_queue_shorter()
    {
        FreeOneThread();
        for (var i = 0; i < 100; i++)
        {
            await queue.RunAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(0.5));
                    return true;
                },
                Stranger,
                Ct);
        }

        await OccupyAsync(1);
        Assert.Equal(10 * Threads, Fill().Count);
    }

    [Fact]
    public async Task Estimate_waits_for_all_passwords_and_counts_as_none()
    {
        var estimate = queue.EstimateAsync(() => Record("estimate"), Stranger, Ct);
        var logins = Enumerable.Range(0, 10).Select(i => RunAsync("login", i % 2 == 0 ? Flooder : KnownDevice)).ToList();
        Assert.Equal(10, queue.Waiting);
        FreeOneThread();
        await Task.WhenAll([.. logins, estimate]);
        Assert.Equal("estimate", order[^1]);
    }

    [Fact]
    public async Task Fast_estimates_make_queue_no_longer()
    {
        // The hash that ends here took as long as the first estimate of hashes.
        clock.Advance(TimeSpan.FromMilliseconds(100));
        FreeOneThread();
        for (var i = 0; i < 100; i++)
        {
            await queue.EstimateAsync(() => true, Stranger, Ct);
        }

        await OccupyAsync(1);
        Assert.Equal(50 * Threads, Fill().Count);
    }

    [Fact]
    public async Task Flood_of_estimates_is_refused_and_delays_no_password()
    {
        var flood = Enumerable.Range(0, 50 * Threads)
            .Select(_ => queue.EstimateAsync(() => Record("flood"), Flooder, Ct)).ToList();
        await Assert.ThrowsAsync<UnavailableException>(() => queue.EstimateAsync(() => Record("flood"), Flooder, Ct));
        var other = queue.EstimateAsync(() => Record("other"), Stranger, Ct);
        await Assert.ThrowsAsync<UnavailableException>(() => flood[^1]);
        var login = RunAsync("login", Stranger);
        Assert.Equal((1, 0), (queue.Waiting, queue.Refused));
        FreeOneThread();
        await Task.WhenAll([.. flood[..^1], other, login]);
        Assert.Equal(["login", "flood", "other", "flood"], order.Take(4));
    }

    [Fact]
    public async Task Password_that_has_waited_five_seconds_is_refused()
    {
        var early = RunAsync("early", Stranger);
        clock.Advance(TimeSpan.FromSeconds(1));
        var late = RunAsync("late", Stranger);
        clock.Advance(TimeSpan.FromSeconds(4) - TimeSpan.FromMilliseconds(1));
        Assert.False(early.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<UnavailableException>(() => early);
        FreeOneThread();
        await late;
        Assert.Equal(["late"], order);
    }

    [Fact]
    public async Task Hash_under_way_is_completed_however_long_it_takes()
    {
        clock.Advance(TimeSpan.FromSeconds(10));
        FreeOneThread();
        Assert.True((await Task.WhenAny(occupations)).IsCompletedSuccessfully);
        Assert.Equal(0, queue.Refused);
    }

    [Fact]
    public async Task Caller_that_goes_leaves_queue_at_once()
    {
        using var caller = new CancellationTokenSource();
        var gone = RunAsync("gone", Stranger, caller.Token);
        var stays = RunAsync("stays", Stranger);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.Equal(1, queue.Waiting);
        FreeOneThread();
        await stays;
        Assert.Equal(["stays"], order);
        Assert.Equal(0, queue.Refused);
    }

    [Fact]
    public async Task Disposal_completes_hashes_that_wait_and_takes_no_more()
    {
        using var other = new PasswordHashQueue(services.GetRequiredService<AuthMeter>(), clock);
        var waiting = Enumerable.Range(0, 50).Select(i => other.RunAsync(() => i, Stranger, Ct)).ToList();
        other.Dispose();
        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(waiting));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => other.RunAsync(() => true, Stranger, Ct));
    }

    private Task<bool> RunAsync(string name, HashCaller caller, CancellationToken? ct = null) =>
        queue.RunAsync(() => Record(name), caller, ct ?? Ct);

    private bool Record(string name)
    {
        order.Add(name);
        return true;
    }

    private async Task OccupyAsync(int threads)
    {
        for (var i = 0; i < threads; i++)
        {
            occupations.Add(queue.RunAsync(
                () =>
                {
                    occupied.Release();
                    free.Wait(CancellationToken.None);
                    return true;
                },
                caller: default,
                CancellationToken.None));
            await occupied.WaitAsync(Ct);
        }
    }

    private void FreeOneThread() => free.Release();

    /// <summary>Queues passwords of one network until no more fit.</summary>
    private List<Task<bool>> Fill()
    {
        var flood = new List<Task<bool>>();
        for (var waiting = -1; queue.Waiting > waiting;)
        {
            waiting = queue.Waiting;
            flood.Add(RunAsync("flood", Flooder));
        }

        flood.RemoveAt(flood.Count - 1);
        return flood;
    }
}
