using System.Net.Sockets;
using AuthServer.Benchmarks.Commands;
using AuthServer.Benchmarks.Load;

// Read when the first socket is made: answers are taken where they arrive, without the way over a thread of the pool.
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
        ["micro", .. var rest] => MicroCommand.Run(rest),
        ["load", .. var rest] => await LoadCommand.RunAsync(rest, cancellation.Token),
        _ => throw new ArgumentException("Say what to do: compare, growth, postgres, micro or load."),
    };
}
catch (Exception exception) when (exception
    is ArgumentException or LoadException or OperationCanceledException or SocketException or IOException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
