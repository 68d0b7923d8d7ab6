using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A system call in a trace of strace.</summary>
/// <param name="Name">The call, such as <c>pwrite64</c>.</param>
/// <param name="File">The file or socket of its file descriptor.</param>
/// <param name="Arguments">The line with its arguments.</param>
/// <param name="EnteredAt">The line of the trace at which it was entered.</param>
public sealed partial record SystemCall(string Name, string File, string Arguments, int EnteredAt)
{
    /// <summary>The line of the trace at which it returned.</summary>
    public int ReturnedAt { get; set; } = int.MaxValue;

    /// <summary>The result; null if the call did not return.</summary>
    public string? Result { get; set; }

    public bool SendsResponse => Name.StartsWith("send", StringComparison.Ordinal) && StatusLine().IsMatch(Arguments);

    /// <summary>The status of the response that the call sends.</summary>
    public string Status => StatusLine().Match(Arguments).Groups[1].Value;

    public bool IsWriteTo(string ending) =>
        Name.Contains("write", StringComparison.Ordinal) && File.EndsWith(ending, StringComparison.Ordinal);

    public bool IsSyncOf(string file) => Name is "fsync" or "fdatasync" && File == file && Result == "0";

    [GeneratedRegex(@"""HTTP/1\.1 (\d{3})")]
    private static partial Regex StatusLine();
}

/// <summary>Traces of a process and its threads by strace.</summary>
public static partial class SystemCallTrace
{
    /// <summary>Skips the test if strace is not installed, or has no permission to trace.</summary>
    public static async Task SkipUnlessAvailableAsync()
    {
        try
        {
            var start = new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true };
            using var strace = Process.Start(start)!;
            await strace.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await strace.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipUnless(strace.ExitCode == 0, "needs strace: this account may not trace its processes (ptrace)");
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs strace: install the Debian package strace");
        }
    }

    /// <summary>
    /// Returns the strace command that traces the program whose command line follows. With <c>-D</c> strace runs in a process of
    /// its own, so that the started process is the traced one. With <c>-y</c> the trace names files. 16 characters of data
    /// include the status of a response.
    /// </summary>
    /// <param name="file">The file to write the trace to.</param>
    public static IReadOnlyList<string> CommandTo(string file) =>
    [
        "strace", "-D", "-f", "-y", "-s", "16", "-o", file,
        "-e", "trace=write,writev,pwrite64,pwritev,fsync,fdatasync,sendto,sendmsg,sendmmsg",
    ];

    /// <summary>Reads the calls of a trace, in the order in which they were entered.</summary>
    public static IReadOnlyList<SystemCall> Read(string file)
    {
        var calls = new List<SystemCall>();
        var unfinished = new Dictionary<string, SystemCall>(StringComparer.Ordinal);
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            if (Entered().Match(line) is { Success: true } entered)
            {
                var call = new SystemCall(entered.Groups["name"].Value, entered.Groups["file"].Value, line, number);
                calls.Add(call);
                unfinished[entered.Groups["thread"].Value] = call;
            }

            // strace splits a call into two lines if another thread's call is entered before it returns.
            if (Returned().Match(line) is { Success: true } returned
                && unfinished.Remove(returned.Groups["thread"].Value, out var finished))
            {
                finished.ReturnedAt = number;
                finished.Result = returned.Groups["result"].Value;
            }
        }

        return calls;
    }

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\(\d+<(?<file>[^>]*)>")]
    private static partial Regex Entered();

    [GeneratedRegex(@"^(?<thread>\d+) .*\) += (?<result>-?\d+)[^)]*(\([^)]*\))?$")]
    private static partial Regex Returned();
}
