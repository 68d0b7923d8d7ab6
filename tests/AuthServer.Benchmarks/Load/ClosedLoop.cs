using System.Diagnostics;

namespace AuthServer.Benchmarks.Load;

/// <summary>A closed loop: each client sends its next request as soon as it has the response to the previous one.</summary>
internal static class ClosedLoop
{
    /// <summary>
    /// Drives the clients for a time, and waits for the requests in flight at its end, so that each client has its newest refresh
    /// token.
    /// </summary>
    public static async Task RunAsync(
        IReadOnlyList<Client> clients, RequestKind kind, TimeSpan time, Tally tally, CancellationToken ct)
    {
        if (kind == RequestKind.Private)
        {
            await Task.WhenAll(clients.Select(client => client.RenewAsync(ct).AsTask()));
        }

        var endsAt = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(clients.Select(client => DriveAsync(client, kind, endsAt, tally, ct)));
    }

    private static async Task DriveAsync(Client client, RequestKind kind, long endsAt, Tally tally, CancellationToken ct)
    {
        // Lets the other clients start before this one waits for its first response.
        await Task.Yield();
        while (Stopwatch.GetTimestamp() < endsAt)
        {
            if (kind == RequestKind.Private)
            {
                await client.RenewAsync(ct);
            }

            // The renewal of the token may have taken the rest of the round.
            var startedAt = Stopwatch.GetTimestamp();
            if (startedAt >= endsAt)
            {
                return;
            }

            var response = await client.SendAsync(kind, ct);
            if (response.IsSuccess)
            {
                tally.Record(startedAt, Stopwatch.GetTimestamp(), endsAt);
            }
            else if (!tally.RecordFailure(response))
            {
                return;
            }
        }
    }
}
