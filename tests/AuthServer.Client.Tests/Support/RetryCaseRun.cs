using System.Threading.Channels;

namespace AuthServer.Client.Tests.Support;

/// <summary>
/// Plays a case: begins its calls, and moves the clock to the next event as soon as all calls wait. So each moment is exact.
/// </summary>
public sealed class RetryCaseRun : IAsyncDisposable
{
    private static readonly DateTimeOffset TimeOfDay = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private readonly Channel<bool> changes = Channel.CreateUnbounded<bool>();
    private readonly RetryCase script;
    private readonly DeviceClock clock;
    private readonly Device device;
    private readonly PriorityQueue<Func<Task>, TimeSpan> planned = new();
    private readonly CallResult[] results;
    private TimeSpan zero;
    private int waiting;

    public RetryCaseRun(RetryCase script)
    {
        this.script = script;
        var unset = new DeviceClock();
        clock = new DeviceClock { Error = TimeOfDay - Lifetime - unset.GetUtcNow() };
        Server = new RetryCaseServer(script, clock);
        device = new Device(StubServer.Address, setup => (setup.Clock, setup.Primary) = (clock, Server));
        results = new CallResult[script.Calls.Count];
        clock.OnTimers = Server.OnChange = () => changes.Writer.TryWrite(true);
    }

    public RetryCaseServer Server { get; }

    public IEnumerable<CallResult> Results => results;

    public IReadOnlyCollection<SessionEndedEventArgs> Ended => device.Ended;

    private TimeSpan Now => clock.Elapsed - zero;

    public async Task PlayAsync(CancellationToken ct)
    {
        await device.LoginAsync();
        clock.Advance(Lifetime);
        zero = clock.Elapsed;
        Server.Start();
        for (var i = 0; i < script.Calls.Count; i++)
        {
            Plan(i, script.Calls[i]);
        }

        foreach (var happening in script.Events ?? [])
        {
            planned.Enqueue(() => ActAsync(happening.Do), Seconds(happening.At));
        }

        while (await NextAsync(ct) is { } next)
        {
            clock.Advance(next - Now);
            while (planned.TryPeek(out var step, out var moment) && moment <= next)
            {
                planned.Dequeue();
                await step();
            }
        }
    }

    public async Task<string?> StoredTokenAsync() => (await device.Resolve<ITokenStore>().ReadAsync(Ct))?.RefreshToken;

    public ValueTask DisposeAsync() => device.DisposeAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Plan(int index, ScriptedCall call)
    {
        var giveUp = new CancellationTokenSource();
        var ended = Task.CompletedTask;
        planned.Enqueue(
            () =>
            {
                Interlocked.Increment(ref waiting);
                ended = RunAsync(index, giveUp.Token);
                return Task.CompletedTask;
            },
            Seconds(call.At));
        if (call.Until is { } until)
        {
            planned.Enqueue(
                async () =>
                {
                    await giveUp.CancelAsync();
                    await ended;
                },
                Seconds(until));
        }
    }

    // Either act ends all pauses, which takes effect on other threads.
    private async Task ActAsync(string act)
    {
        var pauses = clock.Pauses;
        await (act == "logout" ? device.Auth.LogoutAsync(Ct) : device.LoginAsync("bob"));
        await UntilAsync(() => !clock.Pauses.Intersect(pauses).Any(), Ct);
    }

    private async Task RunAsync(int index, CancellationToken ct)
    {
        var outcome = await OutcomeAsync(index, ct);
        results[index] = new CallResult(Now, outcome);
        Interlocked.Decrement(ref waiting);
        changes.Writer.TryWrite(true);
    }

    private async Task<string> OutcomeAsync(int index, CancellationToken ct)
    {
        try
        {
            return await CallAsync(index, ct);
        }
        catch (OperationCanceledException)
        {
            return "gave up";
        }
        catch (AuthServerException refusal)
        {
            return refusal.Code;
        }
        catch (HttpRequestException)
        {
            return "no answer";
        }
    }

    private async Task<string> CallAsync(int index, CancellationToken ct)
    {
        switch (script.Request)
        {
            case "refresh":
                (await device.Api.GetAsync(new Uri($"me?call={index}", UriKind.Relative), ct)).Dispose();
                return Server.ResultOf(index);
            case "logout":
                await device.Auth.LogoutAsync(ct);
                return "done";
            case "login":
                await device.Auth.LoginAsync("bob", Device.Password, cancellationToken: ct);
                return "done";
            case "register":
                await device.Auth.RegisterAsync("bob", Device.Password, cancellationToken: ct);
                return "done";
            case "password":
                await device.Auth.ChangePasswordAsync(Device.Password, "another", cancellationToken: ct);
                return "done";
            default:
                throw new InvalidOperationException(script.Request);
        }
    }

    // Waits until nothing can happen before the next moment; null if nothing is to come.
    private async Task<TimeSpan?> NextAsync(CancellationToken ct)
    {
        await UntilAsync(
            () => Server.HasOpenAttempt || (clock.Timeouts.Count == 0 && clock.Pauses.Count == Volatile.Read(ref waiting)), ct);
        var timer = clock.NextTimer - zero;
        var step = planned.TryPeek(out _, out var moment) ? moment : null as TimeSpan?;
        return timer < step || step is null ? timer : step;
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken ct)
    {
        while (!condition())
        {
            await changes.Reader.ReadAsync(ct);
        }
    }
}

/// <summary>The end of a call.</summary>
/// <param name="Ends">Time since the script began.</param>
/// <param name="With">An access token, the code of an error or another word of the table.</param>
public readonly record struct CallResult(TimeSpan Ends, string With);
