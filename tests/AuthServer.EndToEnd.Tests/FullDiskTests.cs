using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A full disk, simulated by a limit on the size of files.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task Server_on_full_disk_is_unavailable_and_recovers_without_loss()
    {
        FileSizeLimit.SkipUnlessAvailable();
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Launcher = FileSizeLimit.Launcher });
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        pair = await server.Http.RefreshAsync(pair.RefreshToken);

        await server.LimitFilesAsync(new FileInfo(data.Database + "-wal").Length);
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var refresh = await server.Http.PresentAsync(pair.RefreshToken);
            await refresh.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
            var logout = await server.Http.PostAsync("/logout", new { refreshToken = pair.RefreshToken });
            await logout.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
        }

        await server.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        var openFiles = Directory.GetFiles($"/proc/{server.Id}/fd").Length;
        Assert.True(openFiles < 400, $"{openFiles} files are open");

        await server.LimitFilesAsync(null);
        await server.BecomesReadyAsync(HttpStatusCode.OK);
        pair = await server.Http.RefreshAsync(pair.RefreshToken);
        await server.Http.LogOutAsync(pair.RefreshToken);
        Assert.Equal((1, 2, 1), data.Sessions());
    }
}
