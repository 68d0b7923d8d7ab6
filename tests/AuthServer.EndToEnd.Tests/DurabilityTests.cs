using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Write_is_on_the_disk_before_it_is_acknowledged()
    {
        await SystemCallTrace.NeedAsync();
        using var data = new DataFolder();
        var file = Path.Combine(data.Root, "trace");
        var command = new ServerCommand(data) { Through = SystemCallTrace.CommandTo(file) };
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
        var answers = calls.Where(call => call.SendsAnswer).ToList();

        // The first is of the question whether the server is ready, which writes nothing.
        Assert.Equal(["200", "201", "200", "200", "204"], answers.Select(answer => answer.Status));
        foreach (var (before, answer) in answers.Zip(answers.Skip(1)))
        {
            var between = calls.Where(call => call.Began > before.Began && call.Began < answer.Began).ToList();
            var written = between.LastOrDefault(call => call.IsWriteTo("-wal"));
            Assert.True(written is not null, $"Answer {answer.Status} was sent before anything was written.");
            Assert.True(
                between.Exists(call => call.IsSyncOf(written.File) && call.Began > written.Ended && call.Ended < answer.Began),
                $"Answer {answer.Status} was sent before what was written to {written.File} was forced to the disk.");
        }
    }
}
