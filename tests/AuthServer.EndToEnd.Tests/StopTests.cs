using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class StopTests
{
    private const int Devices = 16;
    private const int ResponsesBeforeStop = 300;

    [Fact]
    public async Task Stopping_server_completes_its_requests_and_exits_with_0()
    {
        using var data = new DataFolder();
        var devices = Enumerable.Range(0, Devices).Select(i => new Device($"user{i}", shouldLogOut: () => false)).ToList();

        // The server must stop long before this timeout.
        await using (var server = await ServerProcess.StartAsync(data, "shutdownTimeoutSeconds=3600"))
        {
            foreach (var device in devices)
            {
                await server.Http.RegisterAsync(device.Username);
                await device.LogInAsync(server.Http);
            }

            await UseUntilStoppedAsync(server, devices);
            var exit = await server.ExitAsync();
            Assert.Equal(0, exit.Code);
            Assert.Empty(exit.Errors);
            Assert.DoesNotContain(exit.Output, line => line.Contains("\"Error\"", StringComparison.Ordinal));
        }

        await using var next = await ServerProcess.StartAsync(data, "Sessions:Grace=00:05:00");
        foreach (var device in devices)
        {
            await device.RepeatUnansweredAsync(next.Http);
            await device.RefreshAsync(next.Http);
        }
    }

    [Fact]
    public async Task Draining_server_works_but_is_not_ready_before_it_stops()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "Shutdown:Drain=00:00:05");
        await server.Http.RegisterAsync("ada");
        await server.TerminateAsync();
        foreach (var path in new[] { "/health/traffic", "/health/ready" })
        {
            HttpStatusCode status;
            do
            {
                using var response = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);
                status = response.StatusCode;
            }
            while (status == HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        }

        await server.Http.LogInAsync("ada");
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    // Each request gets tokens, or finds the connection closed, which ends the task of its device. A request that hangs fails by
    // the timeout of the client.
    private static async Task UseUntilStoppedAsync(ServerProcess server, List<Device> devices)
    {
        var received = 0;
        var underLoad = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var use = Task.WhenAll(devices.Select(device => Task.Run(() => device.UseAsync(server.Http, int.MaxValue, () =>
        {
            if (Interlocked.Increment(ref received) == ResponsesBeforeStop)
            {
                underLoad.SetResult();
            }

            return true;
        }))));
        await Task.WhenAny(underLoad.Task, use);
        await server.TerminateAsync();
        await use;
        Assert.All(devices, device => Assert.NotNull(device.Unanswered));
    }
}
