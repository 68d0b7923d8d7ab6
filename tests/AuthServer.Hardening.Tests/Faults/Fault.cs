using System.Diagnostics;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>A fault of the server's environment.</summary>
/// <param name="Name">The fault.</param>
/// <param name="RunAsync">Begins the fault, ends it, and returns once the server can work again.</param>
internal sealed record Fault(string Name, Func<Task> RunAsync)
{
    private const int ShortSeconds = 1;
    private const int LongSeconds = 4;

    /// <summary>Time for which a fault is on. In the long form clients give attempts up meanwhile.</summary>
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(HardeningRun.Of(ShortSeconds, LongSeconds));

    /// <summary>Waits while a fault is on.</summary>
    public static Task LastAsync() => Task.Delay(Duration, TestContext.Current.CancellationToken);

    /// <summary>
    /// Runs faults in random order, each under load. After each it compares all that was acknowledged with the database.
    /// </summary>
    public static async Task RunAllAsync(
        IReadOnlyList<Fault> faults,
        Workload load,
        Func<Guid, Task<StoredSession?>> read,
        Random random,
        ITestOutputHelper report)
    {
        const int Rounds = 10;
        const int AnswersAround = 40;
        for (var round = HardeningRun.Of(1, Rounds); round > 0; round--)
        {
            var order = faults.ToArray();
            random.Shuffle(order);
            foreach (var fault in order)
            {
                var (answers, retries, began) = (load.Ledger.Answers, load.Ledger.Retries, Stopwatch.GetTimestamp());
                await load.UseDuringAsync(async () =>
                {
                    await load.WaitForAnswersAsync(AnswersAround);
                    await fault.RunAsync();
                    await load.WaitForAnswersAsync(AnswersAround);
                });
                await load.CheckAsync(read);
                report.WriteLine(
                    $"{fault.Name}: {load.Ledger.Answers - answers} answers, {load.Ledger.Retries - retries} without success, "
                    + $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, {load.Ledger.Violations.Count} violations so far.");
            }
        }

        Assert.True(load.Ledger.Answers > 0);
        Assert.True(load.Ledger.Violations.Count == 0, string.Join('\n', load.Ledger.Violations.Take(50)));
    }
}
