using System.Diagnostics;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A completed run of a command-line verb.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">The lines of standard output.</param>
/// <param name="Errors">The lines of standard error.</param>
public sealed record CommandRun(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    /// <summary>Runs a verb to its end.</summary>
    /// <param name="data">The data of the server.</param>
    /// <param name="input">The text on standard input.</param>
    /// <param name="line">The verb and its arguments.</param>
    public static async Task<CommandRun> RunAsync(DataFolder data, string input, params IEnumerable<string> line)
    {
        using var process = Start(data, line);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandRun(process.ExitCode, LinesOf(await output), LinesOf(await errors));
    }

    /// <summary>Starts a verb without waiting for its end.</summary>
    public static Process Start(DataFolder data, params IEnumerable<string> line)
    {
        var command = new ServerCommand(data) { Verb = [.. line] };
        var settings = command.Settings.Where(setting => !setting.StartsWith("urls=", StringComparison.Ordinal));
        var start = (command with { Settings = [.. settings] }).ToStartInfo();
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    private static string[] LinesOf(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
