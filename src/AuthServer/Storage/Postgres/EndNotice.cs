using System.Globalization;
using AuthServer.Core;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// What a node tells the others of sessions that it ended, in the transaction that ended them: its own id, then each session with the
/// number of its reason, all with blanks between. Source: postgresql.org/docs/current/sql-notify.html.
/// </summary>
internal static class EndNotice
{
    public const string Channel = "authserver_ends";

    /// <summary>Told instead where there are more than fit: read them yourselves.</summary>
    public const string Reload = "reload";

    /// <summary>How many ends fit into the 8,000 bytes of a notification.</summary>
    public const int MostEnds = 190;

    /// <summary>How a notice of a node begins.</summary>
    public static string PrefixOf(Guid node) => node.ToString("D", CultureInfo.InvariantCulture) + " ";

    /// <summary>Reads a notice. False for one that is none, such as <see cref="Reload"/>.</summary>
    public static bool TryParse(string payload, out Guid node, out IReadOnlyList<SessionEnd> ends)
    {
        var words = payload.Split(' ');
        var read = new List<SessionEnd>(words.Length / 2);
        ends = read;
        if (!Guid.TryParseExact(words[0], "D", out node) || words.Length % 2 == 0)
        {
            return false;
        }

        for (var at = 1; at < words.Length; at += 2)
        {
            if (!Guid.TryParseExact(words[at], "D", out var session)
                || !int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var reason))
            {
                return false;
            }

            read.Add(new SessionEnd(session, (EndReason)reason));
        }

        return true;
    }
}
