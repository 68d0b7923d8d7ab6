using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The exit code and the output of a server that has ended.</summary>
/// <param name="Code">The exit code; 137 after SIGKILL.</param>
/// <param name="Output">The lines of standard output.</param>
/// <param name="Errors">The lines of standard error.</param>
public sealed record ServerExit(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors);

/// <summary>The server in a process of its own. The process is killed on disposal.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    // Only makes a hanging server fail. No test depends on its length.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

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

    /// <summary>A client whose base address is that of the server.</summary>
    public HttpClient Http { get; } = new() { Timeout = Timeout };

    /// <summary>The id of the process.</summary>
    public int Id => process.Id;

    /// <summary>The lines that the server has written to standard output.</summary>
    public IReadOnlyCollection<string> Output => output;

    /// <summary>Starts a server, waits until it logs its address, and asserts that it is ready, or that it is not.</summary>
    public static Task<ServerProcess> StartAsync(ServerCommand command, HttpStatusCode readiness = HttpStatusCode.OK) =>
        StartAsync(command, async server =>
        {
            var ready = await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            Assert.Equal(readiness, ready.StatusCode);
        });

    /// <summary>Starts a server that clients are waiting for, and waits until it is ready.</summary>
    public static Task<ServerProcess> StartUnderLoadAsync(ServerCommand command) =>
        StartAsync(command, server => server.BecomesReadyAsync(HttpStatusCode.OK));

    public static Task<ServerProcess> StartAsync(DataFolder data, params string[] settings) =>
        StartAsync(new ServerCommand(data, settings));

    /// <summary>Starts a server, asserts that it refuses to start, and waits for its end.</summary>
    public static async Task<ServerExit> RunAsync(ServerCommand command)
    {
        await using var server = new ServerProcess(command);
        Assert.False(await server.ListensAsync(), server.Describe("listens, but should refuse to start"));
        return await server.ExitAsync();
    }

    public static Task<ServerExit> RunAsync(DataFolder data, params string[] settings) =>
        RunAsync(new ServerCommand(data, settings));

    /// <summary>Sends SIGKILL, which ends the process at once.</summary>
    public void Kill() => process.Kill();

    /// <summary>Sends SIGTERM, which stops the server gracefully.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Sends a signal, such as <c>STOP</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} \"$0\"", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Asks if the server is ready, until the answer has a status. A success counts for a second.</summary>
    public Task BecomesReadyAsync(HttpStatusCode status) => Eventually.BecomesAsync(async () =>
    {
        using var response = await Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return response.StatusCode == status;
    });

    /// <summary>Waits for the end of the process.</summary>
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
        TestContext.Current.TestOutputHelper?.WriteLine(Describe("has ended"));
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

    private static async Task<ServerProcess> StartAsync(ServerCommand command, Func<ServerProcess, Task> checkAsync)
    {
        var server = new ServerProcess(command);
        try
        {
            Assert.True(await server.ListensAsync(), server.Describe("did not start"));
            server.Http.BaseAddress = await server.address.Task;
            await checkAsync(server);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the server has logged its address or has ended. True if it has logged its address.</summary>
    private async Task<bool> ListensAsync()
    {
        var exit = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await WithTimeoutAsync(Task.WhenAny(address.Task, exit), "neither starts nor ends");
        return address.Task.IsCompleted;
    }

    private async Task WithTimeoutAsync(Task task, string fault)
    {
        try
        {
            await task.WaitAsync(Timeout, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail(Describe(fault));
        }
    }

    private string Describe(string state) => string.Join('\n', [$"Server {process.Id} {state}.", .. errors, .. output]);
}
