using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Makes every flush of a process to the disk fail by an I/O error, by strace, until it is disposed of.</summary>
public sealed class FailingFlushes : IAsyncDisposable
{
    private readonly Process strace;

    private FailingFlushes(Process strace) => this.strace = strace;

    /// <summary>Returns once all threads of the process are affected.</summary>
    public static async Task<FailingFlushes> OfAsync(int process)
    {
        string[] arguments =
        [
            "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-p", $"{process}",
        ];
        var strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
        var line = await strace.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Contains("attached", line, StringComparison.Ordinal);
        return new FailingFlushes(strace);
    }

    public async ValueTask DisposeAsync()
    {
        // A SIGKILL would leave threads of the process stopped.
        using var kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", $"{strace.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
        await strace.WaitForExitAsync(CancellationToken.None);
        strace.Dispose();
    }
}
