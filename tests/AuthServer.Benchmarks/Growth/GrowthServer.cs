using System.Diagnostics;
using System.Text;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Growth;

/// <summary>Our server on a file of sessions, which are refreshed at random.</summary>
internal sealed class GrowthServer(SessionFile file, ServerProcess server) : IAsyncDisposable
{
    /// <summary>How many refresh at once; each needs a session at least.</summary>
    public const int Connections = 64;

    public static async Task<GrowthServer> StartAsync(SessionFile file, string program, CancellationToken ct) => new(
        file, await ServerProcess.StartAsync(Peers.Find(Peers.Ours), program, SessionFile.SettingsIn(file.Folder), ct));

    /// <summary>Refreshes for a time; returns how many a second.</summary>
    public async Task<double> RefreshAsync(TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var endsAt = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await DriveAllAsync(tally, () => Stopwatch.GetTimestamp() < endsAt, endsAt, ct);
        return tally.Done / time.TotalSeconds;
    }

    /// <summary>Refreshes a number of times.</summary>
    public Task RotateAsync(long times, CancellationToken ct) =>
        DriveAllAsync(new Tally(), () => Interlocked.Decrement(ref times) >= 0, long.MaxValue, ct);

    public Task StopAsync(CancellationToken ct) => server.StopAsync(ct);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task DriveAllAsync(Tally tally, Func<bool> goesOn, long endsAt, CancellationToken ct)
    {
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(index => DriveAsync(index, tally, goesOn, endsAt, ct)));
        tally.ThrowIfFailed($"refresh among {file.Count} sessions");
    }

    private async Task DriveAsync(int index, Tally tally, Func<bool> goesOn, long endsAt, CancellationToken ct)
    {
        using var connection = await Connection.OpenAsync(server.Target.Address, ct);
        var token = new byte[256];
        while (goesOn())
        {
            // Each connection has sessions of its own, so that none is refreshed twice at once.
#pragma warning disable CA5394 // The draw of a load, not of a secret.
            var session = index + (Connections * Random.Shared.Next((file.Count - index + Connections - 1) / Connections));
#pragma warning restore CA5394
            var length = Encoding.ASCII.GetBytes(file.TokenOf(session), token);
            var startedAt = Stopwatch.GetTimestamp();
            var answer = await connection.ExchangeAsync(server.Target.Api.Refresh!, token.AsMemory(0, length), ct);
            if (!answer.IsSuccess)
            {
                tally.Fail(answer);
                return;
            }

            file.Advance(session);
            tally.Record(startedAt, Stopwatch.GetTimestamp(), endsAt);
        }
    }
}
