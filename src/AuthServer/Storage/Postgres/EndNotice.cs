using System.Globalization;
using AuthServer.Core;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// What a node tells all nodes, itself too, of sessions that it ended, in the transaction that ended them: each session with the number of
/// its reason, all with blanks between. Source: postgresql.org/docs/current/sql-notify.html.
/// </summary>
internal static class EndNotice
{
    public const string Channel = "authserver_ends";

    /// <summary>Told instead where there are more than fit: read them yourselves.</summary>
    public const string Reload = "reload";

    /// <summary>How many ends fit into the 8,000 bytes of a notification.</summary>
    public const int MostEnds = 190;

    /// <summary>Reads a notice. False for one that is none, such as <see cref="Reload"/>.</summary>
    public static bool TryParse(string payload, out IReadOnlyList<SessionEnd> ends)
    {
        var words = payload.Split(' ');
        var read = new List<SessionEnd>(words.Length / 2);
        ends = read;
        for (var at = 0; at + 1 < words.Length; at += 2)
        {
            if (!Guid.TryParseExact(words[at], "D", out var session)
                || !int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var reason))
            {
                return false;
            }

            read.Add(new SessionEnd(session, (EndReason)reason));
        }

        return words.Length % 2 == 0;
    }
}
