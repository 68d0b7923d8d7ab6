using System.Diagnostics;
using System.Text;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Growth;

/// <summary>AuthServer on a prepared database, whose sessions are refreshed in random order.</summary>
internal sealed class GrowthServer(SessionFile file, ServerProcess server) : IAsyncDisposable
{
    /// <summary>Number of connections that refresh at the same time. Each needs at least one session.</summary>
    public const int Connections = 64;

    public static async Task<GrowthServer> StartAsync(SessionFile file, string program, CancellationToken ct) => new(
        file, await ServerProcess.StartAsync(Peers.Find(Peers.AuthServer), program, SessionFile.SettingsIn(file.Folder), ct));

    /// <summary>Refreshes for a time. Returns the refreshes per second.</summary>
    public async Task<double> RefreshAsync(TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var endsAt = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await DriveAllAsync(tally, () => Stopwatch.GetTimestamp() < endsAt, endsAt, ct);
        return tally.Completed / time.TotalSeconds;
    }

    /// <summary>Refreshes a number of times, over all sessions together.</summary>
    public Task RotateAsync(long times, CancellationToken ct) =>
        DriveAllAsync(new Tally(), () => Interlocked.Decrement(ref times) >= 0, long.MaxValue, ct);

    public Task StopAsync(CancellationToken ct) => server.StopAsync(ct);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task DriveAllAsync(Tally tally, Func<bool> shouldContinue, long endsAt, CancellationToken ct)
    {
        var connections = Enumerable.Range(0, Connections);
        await Task.WhenAll(connections.Select(index => DriveAsync(index, tally, shouldContinue, endsAt, ct)));
        tally.ThrowIfFailed($"refresh among {file.Count} sessions");
    }

    private async Task DriveAsync(int index, Tally tally, Func<bool> shouldContinue, long endsAt, CancellationToken ct)
    {
        using var connection = await Connection.OpenAsync(server.Target.Address, ct);
        var token = new byte[256];
        while (shouldContinue())
        {
            // The sessions are divided among the connections, so that no session is refreshed twice at the same time.
#pragma warning disable CA5394 // Random load needs no cryptographic randomness.
            var session = index + (Connections * Random.Shared.Next((file.Count - index + Connections - 1) / Connections));
#pragma warning restore CA5394
            var length = Encoding.ASCII.GetBytes(file.TokenOf(session), token);
            var startedAt = Stopwatch.GetTimestamp();
            var response = await connection.ExchangeAsync(server.Target.Api.Refresh!, token.AsMemory(0, length), ct);
            if (!response.IsSuccess)
            {
                tally.RecordFailure(response);
                return;
            }

            file.RecordRefresh(session);
            tally.Record(startedAt, Stopwatch.GetTimestamp(), endsAt);
        }
    }
}
