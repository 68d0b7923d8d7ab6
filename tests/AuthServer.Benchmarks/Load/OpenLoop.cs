using System.Diagnostics;

namespace AuthServer.Benchmarks.Load;

/// <summary>
/// Requests come at a rate that the server has no say in. Latency counts from the moment a request was due, so one that had to
/// wait for the answer before it is counted with its wait. None leaves before it is due; that it leaves late, because a timer has
/// whole milliseconds, counts against the server.
/// </summary>
internal static class OpenLoop
{
    /// <summary>Offers a rate, shared evenly by the clients, for a time.</summary>
    public static async Task RunAsync(
        IReadOnlyList<Client> clients, Act act, double perSecond, TimeSpan time, Tally tally, CancellationToken ct)
    {
        var gap = Stopwatch.Frequency / perSecond;
        var startsAt = Stopwatch.GetTimestamp();
        var endsAt = startsAt + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(clients.Select((client, index) =>
            DriveAsync(client, act, startsAt + (long)(gap * index), (long)(gap * clients.Count), endsAt, tally, ct)));
    }

    private static async Task DriveAsync(
        Client client, Act act, long firstAt, long gap, long endsAt, Tally tally, CancellationToken ct)
    {
        for (var dueAt = firstAt; dueAt < endsAt; dueAt += gap)
        {
            if (act == Act.Private)
            {
                await client.RenewAsync(ct);
            }

            await WaitUntilAsync(dueAt, ct);
            var answer = await client.ActAsync(act, ct);
            if (answer.IsSuccess)
            {
                tally.Record(dueAt, Stopwatch.GetTimestamp(), endsAt);
            }
            else if (!tally.Fail(answer))
            {
                return;
            }
        }
    }

    // A delay cuts to whole milliseconds, and its clock may be one ahead.
    private static async Task WaitUntilAsync(long dueAt, CancellationToken ct)
    {
        while (Stopwatch.GetTimestamp() is var now && now < dueAt)
        {
            var left = Stopwatch.GetElapsedTime(now, dueAt);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), ct);
        }
    }
}
