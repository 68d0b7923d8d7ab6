using System.Diagnostics;

namespace AuthServer.Benchmarks.Load;

/// <summary>
/// Requests come at a rate that the server has no say in. Latency counts from the moment a request was due, so one that had to
/// wait for the answer before it is counted with its wait.
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

            if (Stopwatch.GetTimestamp() is var now && now < dueAt)
            {
                await Task.Delay(Stopwatch.GetElapsedTime(now, dueAt), ct);
            }

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
}
