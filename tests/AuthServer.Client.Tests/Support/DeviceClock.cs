using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Client.Tests.Support;

/// <summary>The clock of a device: it stands still until it is moved, and its time of day may be wrong.</summary>
public sealed class DeviceClock : TimeProvider
{
    private readonly FakeTimeProvider clock = new();
    private readonly Channel<Timer> pauses = Channel.CreateUnbounded<Timer>();
    private readonly Lock sync = new();
    private readonly List<Timer> pending = [];
    private readonly DateTimeOffset start;

    public DeviceClock() => start = clock.GetUtcNow();

    /// <summary>Difference of the time of day from the right one.</summary>
    public TimeSpan Error { get; set; }

    /// <summary>Time since this clock was made.</summary>
    public TimeSpan Elapsed => clock.GetUtcNow() - start;

    /// <summary>The pauses between attempts that the client is in.</summary>
    public IReadOnlyList<ITimer> Pauses => Pending(Purpose.Pause);

    /// <summary>The timeouts of attempts that are under way.</summary>
    public IReadOnlyList<ITimer> Timeouts => Pending(Purpose.Timeout);

    /// <summary>The moment of the next timer, as time since this clock was made; null if there is none.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (sync)
            {
                return pending.Count == 0 ? null : pending.Min(timer => timer.DueAt);
            }
        }
    }

    /// <summary>Runs after each reading of a timestamp.</summary>
    public Action? OnRead { get; set; }

    /// <summary>Runs after a timer was created or has gone.</summary>
    public Action? OnTimers { get; set; }

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Error;

    public override long GetTimestamp()
    {
        var timestamp = clock.GetTimestamp();
        OnRead?.Invoke();
        return timestamp;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var purpose = state is CancellationTokenSource ? Purpose.Timeout : state is Task ? Purpose.Pause : Purpose.Other;
        var timer = new Timer(this, purpose, Elapsed + dueTime);
        if (dueTime > TimeSpan.Zero)
        {
            lock (sync)
            {
                pending.Add(timer);
            }
        }

        timer.Start(clock, callback, state, dueTime, period);
        OnTimers?.Invoke();
        if (purpose == Purpose.Pause && dueTime > TimeSpan.Zero)
        {
            pauses.Writer.TryWrite(timer);
        }

        return timer;
    }

    public void Advance(TimeSpan time) => clock.Advance(time);

    /// <summary>Completes when the client begins a pause between two attempts, with its length.</summary>
    public async Task<TimeSpan> NextPauseAsync() => RestOf(await pauses.Reader.ReadAsync(TestContext.Current.CancellationToken));

    /// <summary>Lets each pause pass as it begins, until <paramref name="work"/> is done; returns the pauses.</summary>
    public async Task<IReadOnlyList<TimeSpan>> PassUntilAsync(Task work, Action<TimeSpan>? pass = null)
    {
        List<TimeSpan> passed = [];
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, pauses.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask());
            if (pauses.Reader.TryRead(out var timer) && RestOf(timer) is var rest && rest > TimeSpan.Zero)
            {
                (pass ?? Advance)(rest);
                passed.Add(rest);
            }
        }

        return passed;
    }

    /// <summary>Lets each pause pass as it begins, and returns the result.</summary>
    public async Task<T> PassAsync<T>(Task<T> work)
    {
        await PassUntilAsync(work);
        return await work;
    }

    private IReadOnlyList<ITimer> Pending(Purpose purpose)
    {
        lock (sync)
        {
            return [.. pending.Where(timer => timer.Purpose == purpose)];
        }
    }

    private TimeSpan RestOf(Timer timer) => timer.DueAt - Elapsed;

    private void Remove(Timer timer)
    {
        lock (sync)
        {
            pending.Remove(timer);
        }

        OnTimers?.Invoke();
    }

    private enum Purpose
    {
        Other,
        Pause,
        Timeout,
    }

    /// <summary>A timer that fires once, as the client uses them.</summary>
    private sealed class Timer(DeviceClock owner, Purpose purpose, TimeSpan dueAt) : ITimer
    {
        private ITimer? timer;

        public Purpose Purpose => purpose;

        public TimeSpan DueAt => dueAt;

        public void Start(FakeTimeProvider clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            timer = clock.CreateTimer(
                _ =>
                {
                    owner.Remove(this);
                    callback(state);
                },
                null,
                dueTime,
                period);

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer!.Change(dueTime, period);

        public void Dispose()
        {
            owner.Remove(this);
            timer?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
