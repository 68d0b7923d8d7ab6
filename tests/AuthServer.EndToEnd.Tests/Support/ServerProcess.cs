using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>What a server that is over has left.</summary>
/// <param name="Code">The exit code; 137 after SIGKILL.</param>
/// <param name="Output">The lines of standard output.</param>
/// <param name="Errors">The lines of standard error.</param>
public sealed record ServerExit(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors);

/// <summary>The server as a process of its own. It ends when this is disposed of, whatever has happened.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    // What hangs has to fail some day; nothing here depends on how long it takes.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = [];
    private readonly ConcurrentQueue<string> errors = [];
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ServerCommand command)
    {
        process = new Process { StartInfo = command.ToStartInfo() };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>A client of the server, with its address as base.</summary>
    public HttpClient Http { get; } = new() { Timeout = Deadline };

    /// <summary>The id of the process.</summary>
    public int Id => process.Id;

    /// <summary>The lines of standard output so far.</summary>
    public IReadOnlyCollection<string> Output => output;

    /// <summary>Starts a server and waits until it says where it listens; it has to be ready then.</summary>
    public static async Task<ServerProcess> StartAsync(ServerCommand command)
    {
        var server = new ServerProcess(command);
        try
        {
            await server.BecomeReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static Task<ServerProcess> StartAsync(DataFolder data, params string[] settings) =>
        StartAsync(new ServerCommand(data, settings));

    /// <summary>Starts a server that has to refuse, and waits for its end.</summary>
    public static async Task<ServerExit> RunAsync(ServerCommand command)
    {
        await using var server = new ServerProcess(command);
        Assert.False(await server.ListensAsync(), server.Report("listens, which it should not"));
        return await server.ExitAsync();
    }

    public static Task<ServerExit> RunAsync(DataFolder data, params string[] settings) =>
        RunAsync(new ServerCommand(data, settings));

    /// <summary>Sends SIGKILL, which leaves the server no time for anything.</summary>
    public void Kill() => process.Kill();

    /// <summary>Sends SIGTERM, which asks the server to stop.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for the end of the server.</summary>
    public async Task<ServerExit> ExitAsync()
    {
        await WithTimeoutAsync(process.WaitForExitAsync(TestContext.Current.CancellationToken), "does not end");
        return new ServerExit(process.ExitCode, [.. output], [.. errors]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
        TestContext.Current.TestOutputHelper?.WriteLine(Report("is over"));
        process.Dispose();
        Http.Dispose();
    }

    [GeneratedRegex("AuthServer listens on (http://[^;]+);")]
    private static partial Regex Listening();

    private void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
        {
            return;
        }

        lines.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            address.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    private async Task BecomeReadyAsync()
    {
        Assert.True(await ListensAsync(), Report("did not start"));
        Http.BaseAddress = await address.Task;
        var ready = await Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    /// <summary>Waits until the server says where it listens, or has ended. True for the first.</summary>
    private async Task<bool> ListensAsync()
    {
        await WithTimeoutAsync(
            Task.WhenAny(address.Task, process.WaitForExitAsync(TestContext.Current.CancellationToken)), "neither starts nor ends");
        return address.Task.IsCompleted;
    }

    private async Task WithTimeoutAsync(Task task, string fault)
    {
        try
        {
            await task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail(Report(fault));
        }
    }

    private string Report(string what) => string.Join('\n', [$"Server {process.Id} {what}.", .. errors, .. output]);
}
