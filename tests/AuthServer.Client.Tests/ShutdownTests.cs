using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>A process that ends while a refresh is under way.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_under_way_is_stored_before_process_ends()
    {
        using var server = new StubServer();
        var store = new MemoryTokenStore();
        await using var device = await server.LogInAsync(setup => setup.Store = store);
        var (waiting, answer) = await BeginRefreshAsync(server, device);
        var end = device.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        answer.SetResult(StubServer.Pair(1));
        await end;
        Assert.Equal("a1", await waiting);
        Assert.Equal("r1", (await store.ReadAsync(Ct))!.RefreshToken);
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
        {
            device.Clock.Advance(Lifetime);
            return device.GetTokenAsync();
        });
    }

    [Fact]
    public async Task Process_waits_five_seconds_for_answer()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var (waiting, _) = await BeginRefreshAsync(server, device);

        // The first attempt is given up after 5 seconds as well; the second has 10.
        device.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = new TaskCompletionSource();
        server.OnRefresh = (_, ct) =>
        {
            second.SetResult();
            return StubServer.NeverAsync(ct);
        };
        device.Clock.Advance(await device.Clock.NextPauseAsync());
        await second.Task;
        var end = device.DisposeAsync().AsTask();
        device.Clock.Advance(TimeSpan.FromSeconds(4.999));
        Assert.False(end.IsCompleted);
        device.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await end;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Call_in_pause_fails_at_once_when_client_is_disposed()
    {
        using var server = new StubServer { OnRefresh = (_, _) => throw new HttpRequestException("lost") };
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        var waiting = device.GetTokenAsync();
        await device.Clock.NextPauseAsync();
        await device.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task Answer_being_stored_during_disposal_is_stored()
    {
        using var server = new StubServer();
        var store = new WatchedStore();
        await using var device = await server.LogInAsync(setup => setup.Store = store);
        device.Clock.Advance(Lifetime);
        store.OnReplace = device.Resolve<SessionKeeper>().Dispose;
        Assert.Equal("a1", await device.GetTokenAsync());
        Assert.Equal("r1", (await store.ReadAsync(Ct))!.RefreshToken);
    }

    private static async Task<(Task<string?> Waiting, TaskCompletionSource<HttpResponseMessage> Answer)> BeginRefreshAsync(
        StubServer server, Device device)
    {
        device.Clock.Advance(Lifetime);
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnRefresh = (_, ct) =>
        {
            asked.SetResult();
            return answer.Task.WaitAsync(ct);
        };
        var waiting = device.GetTokenAsync();
        await asked.Task;
        return (waiting, answer);
    }
}
