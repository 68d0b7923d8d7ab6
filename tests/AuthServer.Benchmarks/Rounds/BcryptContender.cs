using System.Diagnostics;
using AuthServer.Benchmarks.Load;
using static BCrypt.Net.BCrypt;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>bcrypt without a server, on all processors: the upper limit for logins.</summary>
internal sealed class BcryptContender : IContender
{
    private const int WorkFactor = 11;
    private const string Password = "Correct-horse-4-battery";

    private readonly string hash = EnhancedHashPassword(Password, WorkFactor);

    public string Name => "bcrypt";

    public string Title => "bcrypt alone, on all processors";

    public bool Supports(Workload workload) => workload.Kind == WorkloadKind.Login;

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        Workload workload, TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var endsAt = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ =>
            Task.Factory.StartNew(() => Verify(tally, endsAt), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return Metric.OfClosedLoop(tally, time);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Verify(Tally tally, long endsAt)
    {
        while (Stopwatch.GetTimestamp() is var startedAt && startedAt < endsAt)
        {
            if (!EnhancedVerify(Password, hash))
            {
                throw new InvalidOperationException("The correct password was refused.");
            }

            tally.Record(startedAt, Stopwatch.GetTimestamp(), endsAt);
        }
    }
}
