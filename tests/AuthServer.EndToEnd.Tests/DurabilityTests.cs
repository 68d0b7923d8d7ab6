using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class DurabilityTests
{
    [Theory]
    [InlineData("/refresh", 1, 1, 0)]
    [InlineData("/logout", 1, 0, 1)]
    [InlineData("/login", 2, 0, 0)]
    public async Task Commit_whose_flush_fails_is_unknown_and_certain_after_restart(
        string route, int sessions, int rotations, int ended)
    {
        await SystemCallTrace.SkipUnlessAvailableAsync();
        using var data = new DataFolder();
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("ada");
            var pair = await server.Http.LogInAsync("ada");
            await using (await FailingFlushes.OfAsync(server.Id))
            {
                var answer = route == "/login"
                    ? await server.Http.PostAsync(route, new { username = "ada", password = HttpAssertions.Password })
                    : await server.Http.PostAsync(route, new { refreshToken = pair.RefreshToken });
                var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
                Assert.Equal("unknown", problem.GetProperty("outcome").GetString());
            }

            server.Kill();
            await server.ExitAsync();
        }

        // What the next server knows is in the file itself. The log is perhaps in the system's memory alone.
        await using var next = await ServerProcess.StartAsync(data);
        using var alone = new DataFolder();
        Directory.CreateDirectory(alone.Data);
        File.Copy(data.Database, alone.Database);
        Assert.Equal((sessions, rotations, ended), alone.Sessions());
        Assert.Equal((sessions, rotations, ended), data.Sessions());
    }

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

        // The first response is to the readiness check.
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
