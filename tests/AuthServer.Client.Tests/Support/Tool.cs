using System.ComponentModel;
using System.Diagnostics;

namespace AuthServer.Client.Tests.Support;

/// <summary>A program of this machine that a test runs.</summary>
public static class Tool
{
    /// <summary>Runs a program, requires the exit code 0, and returns its output.</summary>
    /// <param name="name"><c>node</c> or <c>npm</c>; the test is skipped if it is not installed.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables in addition to those of this process.</param>
    /// <param name="answer">Called with each line that begins with <c>ask</c>. The program goes on when it has returned.</param>
    public static async Task<string> RunAsync(
        string name,
        string folder,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        Func<string, Task>? answer = null)
    {
        var start = new ProcessStartInfo(name, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (answer is null || !line.StartsWith("ask ", StringComparison.Ordinal))
                {
                    lines.Add(line);
                    continue;
                }

                await answer(line[4..]);
                await process.StandardInput.WriteLineAsync();
            }

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        var output = string.Join('\n', lines);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            var package = start.FileName == "node" ? "nodejs" : start.FileName;
            Assert.Skip($"needs {start.FileName}: install the Debian package {package}");
            throw;
        }
    }
}
