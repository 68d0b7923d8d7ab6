using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A change of a bucket to write: it is emptied, or failures are added, or one after the other.</summary>
internal sealed record FailureChange(FailureKey Key, bool Resets, int Failures, DateTimeOffset LastAt)
{
    /// <summary>Writes the change. One statement for both providers: nodes that add at once both count.</summary>
    public async Task WriteAsync(AuthDbContext db, CancellationToken ct)
    {
        var id = Key.Id;
        if (Resets)
        {
            await db.FailureCounts.Where(count => count.Id == id).ExecuteDeleteAsync(ct);
        }

        if (Failures == 0)
        {
            return;
        }

        var at = LastAt.ToUnixTimeMilliseconds();
        var fade = (long)(Failures * Key.Fade).TotalMilliseconds;
        var ahead = (LastAt + FailureBucket.ClockTolerance).ToUnixTimeMilliseconds();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO failure_counts (id, empty_at, last_at) VALUES ({id}, {at + fade}, {at})
            ON CONFLICT (id) DO UPDATE SET
                empty_at = {fade} + CASE WHEN failure_counts.empty_at > {at} AND failure_counts.last_at <= {ahead}
                    THEN failure_counts.empty_at ELSE {at} END,
                last_at = CASE WHEN failure_counts.last_at > {at} AND failure_counts.last_at <= {ahead}
                    THEN failure_counts.last_at ELSE {at} END
            """,
            ct);
    }
}
