using System.Net.Sockets;
using AuthServer.Benchmarks.Commands;
using AuthServer.Benchmarks.Load;

// Runs socket continuations on the thread that receives them, without a dispatch to the thread pool.
// The runtime reads the variable when it creates the first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

try
{
    return args switch
    {
        ["compare", .. var rest] => await CompareCommand.RunAsync(rest, cancellation.Token),
        ["growth", .. var rest] => await GrowthCommand.RunAsync(rest, cancellation.Token),
        ["postgres", .. var rest] => await PostgresCommand.RunAsync(rest, cancellation.Token),
        ["delays", .. var rest] => await DelaysCommand.RunAsync(rest, cancellation.Token),
        ["feed", .. var rest] => await FeedCommand.RunAsync(rest, cancellation.Token),
        ["memory", .. var rest] => await MemoryCommand.RunAsync(rest, cancellation.Token),
        ["micro", .. var rest] => MicroCommand.Run(rest),
        ["load", .. var rest] => await LoadCommand.RunAsync(rest, cancellation.Token),
        _ => throw new ArgumentException(
            "Usage: compare | growth | postgres | delays | feed | memory | micro | load, followed by --name value options."),
    };
}
catch (Exception exception) when (exception
    is ArgumentException or LoadException or OperationCanceledException or SocketException or IOException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
