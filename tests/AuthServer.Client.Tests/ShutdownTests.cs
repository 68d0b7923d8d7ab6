using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>A process that ends while a refresh is under way.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_that_is_on_its_way_is_stored_before_the_process_ends()
    {
        using var server = new StubServer();
        var store = new MemoryTokenStore();
        await using var device = await server.SignInAsync(setup => setup.Store = store);
        var (waiting, answer) = await DepartAsync(server, device);
        var end = device.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        answer.SetResult(StubServer.Pair(1));
        await end;
        Assert.Equal("a1", await waiting);
        Assert.Equal("r1", (await store.ReadAsync(Ct))!.RefreshToken);
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
        {
            device.Clock.Advance(Life);
            return device.GetTokenAsync();
        });
    }

    [Fact]
    public async Task Process_waits_five_seconds_for_an_answer_and_no_longer()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync(setup => setup.Grace = TimeSpan.Zero);
        var (waiting, _) = await DepartAsync(server, device);
        var end = device.DisposeAsync().AsTask();
        device.Clock.Advance(TimeSpan.FromSeconds(4.999));
        Assert.False(end.IsCompleted);
        device.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await end;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Answer_that_is_being_stored_when_all_is_disposed_of_is_stored()
    {
        using var server = new StubServer();
        var store = new WatchedStore();
        await using var device = await server.SignInAsync(setup => setup.Store = store);
        device.Clock.Advance(Life);
        store.OnReplace = device.Resolve<SessionKeeper>().Dispose;
        Assert.Equal("a1", await device.GetTokenAsync());
        Assert.Equal("r1", (await store.ReadAsync(Ct))!.RefreshToken);
    }

    private static async Task<(Task<string?> Waiting, TaskCompletionSource<HttpResponseMessage> Answer)> DepartAsync(
        StubServer server, Device device)
    {
        device.Clock.Advance(Life);
        var (departed, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnRefresh = (_, ct) =>
        {
            departed.SetResult();
            return answer.Task.WaitAsync(ct);
        };
        var waiting = device.GetTokenAsync();
        await departed.Task;
        return (waiting, answer);
    }
}
