using System.Diagnostics;

namespace AuthServer.Benchmarks.Load;

/// <summary>Every client sends its next request as soon as the last one is answered.</summary>
internal static class ClosedLoop
{
    /// <summary>Drives the clients for a time. What is on its way at the end is waited for, so that no chain of tokens breaks.</summary>
    public static async Task RunAsync(IReadOnlyList<Client> clients, Act act, TimeSpan time, Tally tally, CancellationToken ct)
    {
        if (act == Act.Private)
        {
            await Task.WhenAll(clients.Select(client => client.RenewAsync(ct).AsTask()));
        }

        var endsAt = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(clients.Select(client => DriveAsync(client, act, endsAt, tally, ct)));
    }

    private static async Task DriveAsync(Client client, Act act, long endsAt, Tally tally, CancellationToken ct)
    {
        // The first client must not keep the others from starting.
        await Task.Yield();
        while (Stopwatch.GetTimestamp() < endsAt)
        {
            if (act == Act.Private)
            {
                await client.RenewAsync(ct);
            }

            // To renew a token may have taken all the time that was left.
            var startedAt = Stopwatch.GetTimestamp();
            if (startedAt >= endsAt)
            {
                return;
            }

            var answer = await client.ActAsync(act, ct);
            if (answer.IsSuccess)
            {
                tally.Record(startedAt, Stopwatch.GetTimestamp(), endsAt);
            }
            else if (!tally.Fail(answer))
            {
                return;
            }
        }
    }
}
