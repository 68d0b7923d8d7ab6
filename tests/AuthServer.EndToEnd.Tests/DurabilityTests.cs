using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Write_is_flushed_to_disk_before_it_is_acknowledged()
    {
        await SystemCallTrace.SkipUnlessAvailableAsync();
        using var data = new DataFolder();
        var file = Path.Combine(data.Root, "trace");
        var command = new ServerCommand(data) { Launcher = SystemCallTrace.CommandTo(file) };
        await using (var server = await ServerProcess.StartAsync(command))
        {
            await server.Http.RegisterAsync("ada");
            var pair = await server.Http.LogInAsync("ada");
            pair = await server.Http.RefreshAsync(pair.RefreshToken);
            await server.Http.LogOutAsync(pair.RefreshToken);
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        var calls = SystemCallTrace.Read(file);
        var responses = calls.Where(call => call.SendsResponse).ToList();

        // The first response is to the readiness check, which writes nothing.
        Assert.Equal(["200", "201", "200", "200", "204"], responses.Select(response => response.Status));
        foreach (var (previous, response) in responses.Zip(responses.Skip(1)))
        {
            var between = calls
                .Where(call => call.EnteredAt > previous.EnteredAt && call.EnteredAt < response.EnteredAt).ToList();
            var write = between.LastOrDefault(call => call.IsWriteTo("-wal"));
            Assert.True(write is not null, $"Response {response.Status} was sent before a write.");
            Assert.True(
                between.Exists(call => call.IsSyncOf(write.File)
                    && call.EnteredAt > write.ReturnedAt && call.ReturnedAt < response.EnteredAt),
                $"Response {response.Status} was sent before {write.File} was flushed to the disk.");
        }
    }
}
