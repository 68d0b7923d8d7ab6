using System.Diagnostics;
using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A disk without room, as the system shows it: files that may not grow.</summary>
public sealed class FullDiskTests
{
    private const string Unlimited = "unlimited";

    // A write beyond the limit is to fail, as on a full disk, and not to end the process.
    private static readonly string[] IgnoringTheSignal = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];

    [Fact]
    public async Task Full_disk_is_unavailable_until_there_is_room_again_and_loses_nothing()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "needs prlimit: install the Debian package util-linux");
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Through = IgnoringTheSignal });
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        pair = await server.Http.RefreshAsync(pair.RefreshToken);

        await LimitFilesAsync(server, $"{new FileInfo(data.Database + "-wal").Length}");
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var refresh = await server.Http.PresentAsync(pair.RefreshToken);
            await refresh.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
            var logout = await server.Http.PostAsync("/logout", new { refreshToken = pair.RefreshToken });
            await logout.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
        }

        await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        var filesOpen = Directory.GetFiles($"/proc/{server.Id}/fd").Length;
        Assert.True(filesOpen < 400, $"{filesOpen} files are open");

        await LimitFilesAsync(server, Unlimited);
        pair = await server.Http.RefreshAsync(pair.RefreshToken);
        await server.Http.LogOutAsync(pair.RefreshToken);
        Assert.Equal((1, 2, 1), data.Sessions());
    }

    private static async Task LimitFilesAsync(ServerProcess server, string bytes)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{server.Id}", $"--fsize={bytes}:{Unlimited}"]);
        await prlimit.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, prlimit.ExitCode);
    }
}
