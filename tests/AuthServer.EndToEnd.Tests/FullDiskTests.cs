using System.Diagnostics;
using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A full disk, simulated by a limit on the size of files.</summary>
public sealed class FullDiskTests
{
    private const string Unlimited = "unlimited";

    // Ignores SIGXFSZ, so that a write beyond the limit fails as on a full disk, instead of ending the process.
    private static readonly string[] IgnoringSignal = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];

    [Fact]
    public async Task Server_on_full_disk_is_unavailable_and_recovers_without_loss()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "needs prlimit: install the Debian package util-linux");
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Launcher = IgnoringSignal });
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

        await server.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        var openFiles = Directory.GetFiles($"/proc/{server.Id}/fd").Length;
        Assert.True(openFiles < 400, $"{openFiles} files are open");

        await LimitFilesAsync(server, Unlimited);
        await server.BecomesReadyAsync(HttpStatusCode.OK);
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
