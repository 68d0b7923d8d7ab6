using System.Globalization;
using AuthServer.Credentials;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>The priority of hashing threads in the scheduler of Linux. Source: proc(5).</summary>
public sealed class HashingPriorityTests
{
    [Fact]
    public async Task Hashing_thread_has_lower_priority_than_all_other_threads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows the priority of a thread.");
        await using var app = new AuthServerApp();
        await app.Get<PasswordHashQueue>().RunAsync(Check, caller: default, TestContext.Current.CancellationToken);
    }

    private static bool Check()
    {
        const int Nice = 19;
        var stat = File.ReadAllText("/proc/thread-self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        Assert.Equal(10, int.Parse(fields[Nice - 3], CultureInfo.InvariantCulture));

        // Kernels since 6.12 have a time slice for each thread, and only some show it.
        const string Slice = "se.slice";
        var shown = Environment.OSVersion.Version >= new Version(6, 12) && File.Exists("/proc/thread-self/sched")
            ? File.ReadLines("/proc/thread-self/sched").FirstOrDefault(line => line.StartsWith(Slice, StringComparison.Ordinal))
            : null;
        Assert.True(shown is null || shown.EndsWith(" 100000", StringComparison.Ordinal), shown);
        return true;
    }
}
