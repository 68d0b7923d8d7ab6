using System.Diagnostics;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>Clients that send requests in parallel while a fault is on.</summary>
internal sealed class Workload
{
    // An attempt without an answer ends after this time, and its connection is closed.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(3);

    // Longer than all clients wait for answers, and than a slow machine needs.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(3);

    // Longer than a write that meets an error is repeated.
    private static readonly TimeSpan LongestUnnoticed = TimeSpan.FromSeconds(15);

    private readonly List<FaultClient> clients;
    private readonly TimeSpan pause;

    /// <summary>Creates clients of a server, each of a network of its own behind a proxy.</summary>
    /// <param name="server">The address.</param>
    /// <param name="count">Number of clients.</param>
    /// <param name="random">The source of all their choices.</param>
    /// <param name="pause">Time between two actions of a client. None unless set.</param>
    public Workload(Uri server, int count, Random random, TimeSpan pause = default)
    {
        this.pause = pause;
        clients = [.. Enumerable.Range(0, count).Select(number =>
        {
            var http = new HttpClient { BaseAddress = server, Timeout = AttemptTimeout };
            http.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.{number}.7");
            return new FaultClient($"user{number}", new Sender(http, Ledger), new Random(random.Next()), Ledger);
        })];
    }

    public Ledger Ledger { get; } = new();

    public Task RegisterAsync() => Task.WhenAll(clients.Select(client => client.RegisterAsync()));

    /// <summary>Sends requests from all clients while a fault is on, and until each client's last one was answered.</summary>
    public async Task UseDuringAsync(Func<Task> faultAsync)
    {
        using var stop = new CancellationTokenSource();
        var use = Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await client.StepAsync();
                await Task.Delay(pause, TestContext.Current.CancellationToken);
            }
        })));
        try
        {
            await faultAsync();
        }
        catch
        {
            // The errors of the clients would hide the one that came first.
            await stop.CancelAsync();
            await use.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await stop.CancelAsync();
        await use;
    }

    /// <summary>Waits for a number of further answers.</summary>
    public Task WaitForAnswersAsync(int count)
    {
        var end = Ledger.Answers + count;
        return WaitUntilAsync(() => Ledger.Answers >= end, LongestWait, $"There are no {count} further answers.");
    }

    /// <summary>Runs a part of a fault, and then waits until a client had to try again since its beginning.</summary>
    public async Task DisturbAsync(Func<Task> partAsync)
    {
        var retries = Ledger.Retries;
        await partAsync();
        await WaitUntilAsync(() => Ledger.Retries > retries, LongestUnnoticed, "The fault disturbs no client.");
    }

    /// <summary>Compares everything that was acknowledged with the database.</summary>
    public async Task CheckAsync(Func<Guid, Task<StoredSession?>> read)
    {
        foreach (var client in clients)
        {
            await client.CheckAsync(read);
        }
    }

    private static async Task WaitUntilAsync(Func<bool> condition, TimeSpan longest, string otherwise)
    {
        for (var began = Stopwatch.GetTimestamp(); !condition();)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < longest, otherwise);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
