using System.Diagnostics;

namespace AuthServer.Benchmarks.Load;

/// <summary>
/// An open loop: requests are due at a fixed rate, however fast the server responds. Latency counts from the moment a request was
/// due, so it includes the wait for the previous response. No request is sent early. A request may be sent late, because timers
/// have a resolution of one millisecond; the delay counts as latency of the server.
/// </summary>
internal static class OpenLoop
{
    /// <summary>Drives the clients for a time, at a rate that they share evenly.</summary>
    public static async Task RunAsync(
        IReadOnlyList<Client> clients, RequestKind kind, double perSecond, TimeSpan time, Tally tally, CancellationToken ct)
    {
        var gap = Stopwatch.Frequency / perSecond;
        var startsAt = Stopwatch.GetTimestamp();
        var endsAt = startsAt + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(clients.Select((client, index) =>
            DriveAsync(client, kind, startsAt + (long)(gap * index), (long)(gap * clients.Count), endsAt, tally, ct)));
    }

    private static async Task DriveAsync(
        Client client, RequestKind kind, long firstAt, long gap, long endsAt, Tally tally, CancellationToken ct)
    {
        for (var dueAt = firstAt; dueAt < endsAt; dueAt += gap)
        {
            if (kind == RequestKind.Private)
            {
                await client.RenewAsync(ct);
            }

            await WaitUntilAsync(dueAt, ct);
            var response = await client.SendAsync(kind, ct);
            if (response.IsSuccess)
            {
                tally.Record(dueAt, Stopwatch.GetTimestamp(), endsAt);
            }
            else if (!tally.RecordFailure(response))
            {
                return;
            }
        }
    }

    // Task.Delay truncates to whole milliseconds, and its clock may be a millisecond ahead: hence the loop.
    private static async Task WaitUntilAsync(long dueAt, CancellationToken ct)
    {
        while (Stopwatch.GetTimestamp() is var now && now < dueAt)
        {
            var left = Stopwatch.GetElapsedTime(now, dueAt);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), ct);
        }
    }
}
