using System.Diagnostics;

namespace AuthServer.Benchmarks.Servers;

/// <summary>Runs programs that are installed on the machine.</summary>
internal static class Tool
{
    /// <summary>True if a folder of <c>PATH</c> contains the program.</summary>
    public static bool IsInstalled(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Runs a program to its end. Returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">The exit code was not 0.</exception>
    public static async Task<string> RunAsync(string program, string[] arguments, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
    }
}
