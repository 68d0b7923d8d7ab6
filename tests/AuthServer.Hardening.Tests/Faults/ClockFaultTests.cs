using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>A clock that is set forward and back while the server works.</summary>
public sealed class ClockFaultTests(ITestOutputHelper report) : IDisposable
{
    private const int Clients = 8;

    // Each within the lifetime of an idle session, which a clock that is right would not end either.
    private static readonly TimeSpan[] Offsets =
    [
        TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(-25), TimeSpan.FromMinutes(10), TimeSpan.FromDays(2), TimeSpan.FromDays(-2),
    ];

    private static readonly TimeSpan[] OffsetsOfLongForm =
    [
        .. Offsets, TimeSpan.FromSeconds(-4), TimeSpan.FromSeconds(25), TimeSpan.FromMinutes(-10), TimeSpan.Zero,
    ];

    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private readonly DataFolder data = new();

    [Fact]
    public async Task Clock_that_steps_loses_no_effect_and_logs_no_client_out()
    {
        SteppingClock.SkipUnlessAvailable();
        var random = HardeningRun.Begin(report, $"{Clients} clients");
        var clock = new SteppingClock(data.Root);
        await using var server = await FaultyServer.StartAsync(data, command => clock.AddTo(command));
        var load = new Workload(server.Address, Clients, random);
        await load.RegisterAsync();
        var offsets = HardeningRun.IsLong ? OffsetsOfLongForm : Offsets;
        List<Fault> faults = [.. offsets.Select(offset => new Fault($"clock at {offset}", async () =>
        {
            clock.Set(offset);
            await Task.Delay(SteppingClock.Delay, TestContext.Current.CancellationToken);
            await Fault.LastAsync();

            // Otherwise the test would show nothing.
            using var answer = await server.Process.Http.GetAsync("/health/live", TestContext.Current.CancellationToken);
            var difference = answer.Headers.Date!.Value - DateTimeOffset.UtcNow;
            Assert.InRange(difference, offset - Tolerance, offset + Tolerance);
        }))];
        await Fault.RunAllAsync(faults, load, id => SqliteFaultTests.ReadAsync(data, id), random, report);
    }

    public void Dispose() => data.Dispose();
}
