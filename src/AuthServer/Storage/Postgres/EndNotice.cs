using System.Globalization;
using AuthServer.Core;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// The notification of ended sessions. A node sends it to all nodes, itself included, in the transaction that ended them. For
/// each session it has the id, the number of the reason and the moment in milliseconds, separated by blanks. Source:
/// postgresql.org/docs/current/sql-notify.html.
/// </summary>
internal static class EndNotice
{
    public const string Channel = "authserver_ends";

    /// <summary>The payload if there are more ends than fit, or another change: the receiver reads the database.</summary>
    public const string Reload = "reload";

    /// <summary>Number of ends that fit into the 8,000 bytes of a notification, 53 bytes each.</summary>
    public const int MostEnds = WriteTransaction.MaxEnds;

    private const int WordsPerEnd = 3;

    /// <summary>Reads a payload. False if it is not a list of ends, such as <see cref="Reload"/>.</summary>
    public static bool TryParse(string payload, out IReadOnlyList<SessionEnd> ends)
    {
        var words = payload.Split(' ');
        var read = new List<SessionEnd>(words.Length / WordsPerEnd);
        ends = read;
        for (var at = 0; at + WordsPerEnd <= words.Length; at += WordsPerEnd)
        {
            if (!Guid.TryParseExact(words[at], "D", out var session)
                || !int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var reason)
                || !long.TryParse(words[at + 2], NumberStyles.None, CultureInfo.InvariantCulture, out var endedAt))
            {
                return false;
            }

            read.Add(new SessionEnd(session, (EndReason)reason, DateTimeOffset.FromUnixTimeMilliseconds(endedAt)));
        }

        return words.Length % WordsPerEnd == 0;
    }
}
