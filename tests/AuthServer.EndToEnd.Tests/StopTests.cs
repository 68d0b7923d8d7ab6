using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class StopTests
{
    private const int Devices = 16;
    private const int AnswersBefore = 300;

    [Fact]
    public async Task Server_told_to_stop_answers_what_it_took_and_ends_with_0()
    {
        using var data = new DataFolder();
        var devices = Enumerable.Range(0, Devices).Select(i => new Device($"user{i}", wantsToLeave: () => false)).ToList();

        // It must not be the end of this time that ends the server.
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
            await device.SettleAsync(next.Http);
            await device.RefreshAsync(next.Http);
        }
    }

    // Whoever is answered has to be answered with tokens; whoever is not finds the connection closed. Both end the task of the
    // device; a request that hangs would run into the client's deadline, which fails it.
    private static async Task UseUntilStoppedAsync(ServerProcess server, List<Device> devices)
    {
        var answered = 0;
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var use = Task.WhenAll(devices.Select(device => Task.Run(() => device.UseAsync(server.Http, int.MaxValue, () =>
        {
            if (Interlocked.Increment(ref answered) == AnswersBefore)
            {
                underWay.SetResult();
            }

            return true;
        }))));
        await Task.WhenAny(underWay.Task, use);
        await server.TerminateAsync();
        await use;
        Assert.All(devices, device => Assert.NotNull(device.Unanswered));
    }
}
