using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Makes flushes of processes to the disk fail by an I/O error, by strace, until it is disposed of.</summary>
public sealed class FailingFlushes : IAsyncDisposable
{
    private readonly Process strace;

    // strace reports each new thread and would stop on a full pipe.
    private readonly Task<string> reports;

    private FailingFlushes(Process strace) => (this.strace, reports) = (strace, strace.StandardError.ReadToEndAsync());

    /// <summary>Makes every flush of a process fail. Returns once all threads of the process are affected.</summary>
    public static Task<FailingFlushes> OfAsync(int process) => OfAsync([process], "fsync,fdatasync", when: "1+");

    /// <summary>Makes system calls of processes fail. Returns once all threads of the processes are affected.</summary>
    /// <param name="processes">The ids of the processes.</param>
    /// <param name="calls">The system calls, separated by commas.</param>
    /// <param name="when">The calls that fail, as strace counts them for each thread, such as <c>1+3</c>.</param>
    public static async Task<FailingFlushes> OfAsync(IReadOnlyCollection<int> processes, string calls, string when)
    {
        string[] arguments =
        [
            "-f", "-o", "/dev/null", "-e", $"trace={calls}", "-e", $"inject={calls}:error=EIO:when={when}",
            .. processes.SelectMany(process => new[] { "-p", $"{process}" }),
        ];
        var strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
        foreach (var _ in processes)
        {
            var line = await strace.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.Contains("attached", line, StringComparison.Ordinal);
        }

        return new FailingFlushes(strace);
    }

    public async ValueTask DisposeAsync()
    {
        // A SIGKILL would leave threads of the process stopped.
        using var kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", $"{strace.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
        await strace.WaitForExitAsync(CancellationToken.None);
        await reports;
        strace.Dispose();
    }
}
