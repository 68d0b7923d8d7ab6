using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>The memory of raised epochs: as long as anything counts that was read before.</summary>
public sealed class SessionEpochsTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider clock = new();
    private readonly Guid session = Guid.NewGuid();
    private readonly SessionEpochs epochs;

    public SessionEpochsTests() => epochs = new SessionEpochs(new EndedSessionMemory(Duration), clock);

    [Fact]
    public void Epoch_is_kept_for_its_time_and_forgotten_afterwards()
    {
        Raise(1);
        clock.Advance(Duration);
        RaiseOther();
        Assert.Equal(1u, epochs.Of(session));
        clock.Advance(TimeSpan.FromTicks(1));
        RaiseOther();
        Assert.Equal(0u, epochs.Of(session));
    }

    [Fact]
    public void Epoch_raised_again_is_kept_from_last_time()
    {
        Raise(1);
        clock.Advance(Duration - TimeSpan.FromSeconds(1));
        Raise(2);
        clock.Advance(Duration);
        RaiseOther();
        Assert.Equal(2u, epochs.Of(session));
        clock.Advance(TimeSpan.FromTicks(1));
        RaiseOther();
        Assert.Equal(0u, epochs.Of(session));
    }

    [Fact]
    public void Notification_that_comes_late_lowers_no_epoch()
    {
        Raise(2);
        Raise(1);
        Assert.Equal(2u, epochs.Of(session));
    }

    private void Raise(uint epoch) => epochs.Raise(new SessionEpoch(session, epoch));

    private void RaiseOther() => epochs.Raise(new SessionEpoch(Guid.NewGuid(), 1));
}
