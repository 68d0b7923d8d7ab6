using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A limit on the size of files, which simulates a full disk.</summary>
public static class FileSizeLimit
{
    private const string Unlimited = "unlimited";

    /// <summary>
    /// Launcher of a server that ignores SIGXFSZ, so that a write beyond the limit fails as on a full disk, instead of ending the
    /// process.
    /// </summary>
    public static IReadOnlyList<string> Launcher { get; } = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];

    /// <summary>Skips the test if prlimit is not installed.</summary>
    public static void SkipUnlessAvailable() =>
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "needs prlimit: install the Debian package util-linux");

    /// <summary>Limits the files that a server writes.</summary>
    /// <param name="server">The server.</param>
    /// <param name="bytes">The limit; null for none.</param>
    public static async Task LimitFilesAsync(this ServerProcess server, long? bytes)
    {
        var limit = bytes is null ? Unlimited : $"{bytes}";
        using var prlimit = Process.Start("prlimit", ["--pid", $"{server.Id}", $"--fsize={limit}:{Unlimited}"]);
        await prlimit.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, prlimit.ExitCode);
    }
}
