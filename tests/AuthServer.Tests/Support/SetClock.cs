using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests.Support;

/// <summary>A clock whose time of day is set, ahead or back. Its timestamps and timers go on as before.</summary>
internal sealed class SetClock : TimeProvider
{
    public FakeTimeProvider Elapsed { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public TimeSpan SetAhead { get; set; }

    public override long TimestampFrequency => Elapsed.TimestampFrequency;

    public void AddTo(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(this));

    public override DateTimeOffset GetUtcNow() => Elapsed.GetUtcNow() + SetAhead;

    public override long GetTimestamp() => Elapsed.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Elapsed.CreateTimer(callback, state, dueTime, period);
}
