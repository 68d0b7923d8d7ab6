using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Client.Tests.Support;

/// <summary>The clock of a device: it stands until it is moved, and its time of day may be wrong.</summary>
public sealed class DeviceClock : TimeProvider
{
    private readonly FakeTimeProvider clock = new();
    private readonly Channel<TimeSpan> pauses = Channel.CreateUnbounded<TimeSpan>();
    private int wallReads;

    /// <summary>How wrong the time of day is.</summary>
    public TimeSpan Error { get; init; }

    /// <summary>How often the time of day was asked for.</summary>
    public int WallReads => wallReads;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref wallReads);
        return clock.GetUtcNow() + Error;
    }

    /// <summary>Runs after each reading of a timestamp.</summary>
    public Action? OnRead { get; set; }

    public override long GetTimestamp()
    {
        var timestamp = clock.GetTimestamp();
        OnRead?.Invoke();
        return timestamp;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = clock.CreateTimer(callback, state, dueTime, period);

        // A pause between two tries is of random length; what is some whole five seconds is the limit of a try.
        if (dueTime > TimeSpan.Zero && dueTime.Ticks % TimeSpan.FromSeconds(5).Ticks != 0)
        {
            pauses.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    public void Advance(TimeSpan time) => clock.Advance(time);

    /// <summary>Completes when the client begins a pause between two tries, and says how long it is.</summary>
    public async Task<TimeSpan> NextPauseAsync() => await pauses.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets each pause pass as it begins, until <paramref name="work"/> is done; returns the pauses.</summary>
    public async Task<IReadOnlyList<TimeSpan>> PassUntilAsync(Task work, Action<TimeSpan>? pass = null)
    {
        List<TimeSpan> passed = [];
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, pauses.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask());
            if (pauses.Reader.TryRead(out var pause))
            {
                (pass ?? Advance)(pause);
                passed.Add(pause);
            }
        }

        return passed;
    }
}
