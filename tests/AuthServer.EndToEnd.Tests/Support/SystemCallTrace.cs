using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A system call that strace saw.</summary>
/// <param name="Name">The call, such as <c>pwrite64</c>.</param>
/// <param name="File">What its file descriptor stands for.</param>
/// <param name="Arguments">The line with its arguments.</param>
/// <param name="Began">The line of the trace at which it was entered.</param>
public sealed partial record SystemCall(string Name, string File, string Arguments, int Began)
{
    /// <summary>The line of the trace at which it returned.</summary>
    public int Ended { get; set; } = int.MaxValue;

    /// <summary>What it returned; null where it did not.</summary>
    public string? Result { get; set; }

    public bool SendsAnswer => Name.StartsWith("send", StringComparison.Ordinal) && StatusLine().IsMatch(Arguments);

    /// <summary>The status of the answer that it sends.</summary>
    public string Status => StatusLine().Match(Arguments).Groups[1].Value;

    public bool IsWriteTo(string ending) =>
        Name.Contains("write", StringComparison.Ordinal) && File.EndsWith(ending, StringComparison.Ordinal);

    public bool IsSyncOf(string file) => Name is "fsync" or "fdatasync" && File == file && Result == "0";

    [GeneratedRegex(@"""HTTP/1\.1 (\d{3})")]
    private static partial Regex StatusLine();
}

/// <summary>What strace writes of a process and its threads.</summary>
public static partial class SystemCallTrace
{
    /// <summary>Skips the test where there is no strace, or it may not trace.</summary>
    public static async Task NeedAsync()
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
    /// Makes strace trace what is appended. With <c>-D</c> the tracer steps aside, so that the process started is the traced one;
    /// <c>-y</c> names the files, and 16 characters show the status of an answer.
    /// </summary>
    public static IReadOnlyList<string> CommandTo(string file) =>
    [
        "strace", "-D", "-f", "-y", "-s", "16", "-o", file,
        "-e", "trace=write,writev,pwrite64,pwritev,fsync,fdatasync,sendto,sendmsg,sendmmsg",
    ];

    /// <summary>Reads the calls in the order in which they began.</summary>
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

            // Where another thread's call comes in between, strace cuts the line in two.
            if (Returned().Match(line) is { Success: true } returned
                && unfinished.Remove(returned.Groups["thread"].Value, out var finished))
            {
                finished.Ended = number;
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
