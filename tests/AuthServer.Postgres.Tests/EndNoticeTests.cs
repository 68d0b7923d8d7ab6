using AuthServer.Core;
using AuthServer.Storage.Postgres;

namespace AuthServer.Tests;

/// <summary>The length of notifications. Source: postgresql.org/docs/current/sql-notify.html.</summary>
public sealed class EndNoticeTests
{
    // A payload has to be shorter.
    private const int Limit = 8000;

    [Fact]
    public void Most_ends_with_longest_reason_fit_into_notification()
    {
        var reason = Enum.GetValues<EndReason>().Max(value => $"{(int)value}".Length);
        var end = $"{Guid.Empty:D} {new string('9', reason)} {DateTimeOffset.MaxValue.AddYears(-7714).ToUnixTimeMilliseconds()}";
        var payload = string.Join(' ', Enumerable.Repeat(end, EndNotice.MostEnds));
        Assert.InRange(payload.Length, 1, Limit - 1);
        Assert.True(EndNotice.TryParse(payload, out IReadOnlyList<SessionEnd> ends));
        Assert.Equal(EndNotice.MostEnds, ends.Count);
    }
}
