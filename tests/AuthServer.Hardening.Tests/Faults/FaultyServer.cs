using System.Diagnostics;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>A server in a process of its own, behind a network that can fail.</summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    private readonly ServerCommand command;

    private FaultyServer(ServerCommand command, int port) => (this.command, Network) = (command, new NetworkProxy(port));

    /// <summary>The network between clients and server.</summary>
    public NetworkProxy Network { get; }

    /// <summary>The running process.</summary>
    public ServerProcess Process { get; private set; } = null!;

    /// <summary>The address of the server at the clients' end of the network.</summary>
    public Uri Address => new($"http://127.0.0.1:{Network.Port}");

    /// <summary>The faults of a server and of its network, whatever its database is.</summary>
    public IReadOnlyList<Fault> FaultsUnder(Workload load) =>
    [
        new("killed server", () => load.DisturbAsync(KillAsync)),
        new("stopped server", StopForAWhileAsync),
        new("slow network that reorders connections", () => ReorderAsync(Network)),
        new("silent network", () => SilenceAsync(Network)),
        new("cut network", () => CutAsync(Network, load)),
    ];

    /// <summary>Starts a server.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="change">Changes the command that starts it.</param>
    /// <param name="settings">Settings such as <c>Storage:Provider=postgres</c>.</param>
    public static async Task<FaultyServer> StartAsync(
        DataFolder data, Func<ServerCommand, ServerCommand> change, params string[] settings)
    {
        // No session ends because a client whose answer was lost has logged in again.
        var port = LoopbackPort.Free();
        var command = new ServerCommand(
            data, [$"urls=http://127.0.0.1:{port}", "Sessions:MaxPerUser=0", .. Allowances.Arguments, .. settings]);
        var server = new FaultyServer(change(command), port);
        try
        {
            server.Process = await ServerProcess.StartAsync(server.command);
            return server;
        }
        catch
        {
            await server.Network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the server and starts it again.</summary>
    public async Task KillAsync()
    {
        var killed = Process;
        killed.Kill();
        await killed.ExitAsync();
        Process = await ServerProcess.StartUnderLoadAsync(command);
        await killed.DisposeAsync();
    }

    /// <summary>Changes the delay of a network all the time, so that what is sent first may arrive last.</summary>
    public static async Task ReorderAsync(NetworkProxy network)
    {
        const int LongestDelay = 200;
        var began = Stopwatch.GetTimestamp();
        for (var change = 0; Stopwatch.GetElapsedTime(began) < Fault.Duration; change++)
        {
            network.Delay = TimeSpan.FromMilliseconds(change * 7919 % LongestDelay);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        network.Delay = TimeSpan.Zero;
    }

    /// <summary>Lets a network forward nothing for a while, and then everything.</summary>
    public static async Task SilenceAsync(NetworkProxy network)
    {
        network.Silence();
        await Fault.LastAsync();
        network.Restore();
    }

    /// <summary>Cuts a network for a while.</summary>
    public static async Task CutAsync(NetworkProxy network, Workload load)
    {
        network.Cut();
        await load.DisturbAsync(Fault.LastAsync);
        network.Restore();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Network.DisposeAsync();
    }

    private async Task StopForAWhileAsync()
    {
        await Process.SignalAsync("STOP");
        await Fault.LastAsync();
        await Process.SignalAsync("CONT");
    }
}
