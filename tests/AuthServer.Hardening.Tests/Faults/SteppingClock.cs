using System.Globalization;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>The clock of a server, which a test sets forward and back by faketime.</summary>
/// <param name="folder">A folder for the file that faketime reads.</param>
internal sealed class SteppingClock(string folder)
{
    /// <summary>Longest time until a process reads a change. Reading the file at each call would take most of its time.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private const string Libraries = "/usr/lib";
    private const string Library = "libfaketime.so.1";

    private string File => Path.Combine(folder, "clock");

    /// <summary>Skips the test if faketime is not installed.</summary>
    public static void SkipUnlessAvailable() =>
        Assert.SkipWhen(Find() is null, "needs faketime: install the Debian package faketime");

    /// <summary>Sets the clock to the machine's plus an offset. The monotonic clock stays.</summary>
    public void Set(TimeSpan offset) => System.IO.File.WriteAllText(
        File, string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? "" : "+")}{(int)offset.TotalSeconds}"));

    /// <summary>Lets a server read this clock.</summary>
    /// <param name="command">The command that starts the server.</param>
    /// <param name="offset">The first offset of the clock; none by default.</param>
    public ServerCommand AddTo(ServerCommand command, TimeSpan offset = default)
    {
        Set(offset);
        return command with
        {
            Variables = new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = Find()!,
                ["FAKETIME_TIMESTAMP_FILE"] = File,
                ["FAKETIME_CACHE_DURATION"] = $"{Delay.TotalSeconds}",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                ["FAKETIME_DONT_RESET"] = "1",
            },
        };
    }

    // Debian has a folder for each architecture.
    private static string? Find() => !Directory.Exists(Libraries)
        ? null
        : Directory.EnumerateDirectories(Libraries)
            .Select(architecture => Path.Combine(architecture, "faketime", Library))
            .FirstOrDefault(System.IO.File.Exists);
}
