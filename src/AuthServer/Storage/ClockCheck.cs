using System.Globalization;
using AuthServer.Hosting;

namespace AuthServer.Storage;

internal static class ClockCheck
{
    // Time servers correct smaller differences while the server runs.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Compares the clock of this machine with the newest event, if a session is live. A clock behind it would make a copied
    /// refresh token pass for a retry, and tokens that other machines refuse. Only the order of the events counts, so that a new
    /// one replaces a wrong one.
    /// </summary>
    /// <exception cref="StartupException">The clock is behind.</exception>
    public static async Task ThrowIfClockIsBehindAsync(this IStorageProvider storage, TimeProvider clock, CancellationToken ct)
    {
        await using var connection = await storage.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT at FROM events WHERE EXISTS (SELECT 1 FROM sessions WHERE ended_at IS NULL) ORDER BY id DESC LIMIT 1";
        var now = clock.GetUtcNow();
        if (await command.ExecuteScalarAsync(ct) is long at && DateTimeOffset.FromUnixTimeMilliseconds(at) - now > Tolerance)
        {
            var newest = DateTimeOffset.FromUnixTimeMilliseconds(at);
            throw new StartupException(string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of this machine says {now:u}, but the newest event of {storage.Name} is of {newest:u}; "
                + $"correct the clock, or run sessions end --all if it is right."));
        }
    }
}
