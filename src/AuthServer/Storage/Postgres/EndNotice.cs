using System.Globalization;
using AuthServer.Core;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// The notifications of ended sessions and of raised epochs. A node sends them to all nodes, itself included, in the transaction
/// that made the change. For each session that ended a payload has the id, the number of the reason and the moment in
/// milliseconds, separated by blanks. A raised epoch is notified alone. Source: postgresql.org/docs/current/sql-notify.html.
/// </summary>
internal static class EndNotice
{
    public const string Channel = "authserver_ends";

    /// <summary>The payload if there are more ends than fit, or another change: the receiver reads the database.</summary>
    public const string Reload = "reload";

    /// <summary>Number of ends that fit into the 8,000 bytes of a notification, up to 54 bytes each.</summary>
    public const int MostEnds = WriteTransaction.MaxEnds;

    private const int WordsPerEnd = 3;

    // A node from before this notice reads the database instead, as for any that it does not know.
    private const string Raised = "epoch";

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

    /// <summary>The payload for a raised epoch: a word, the id of the session and its epoch.</summary>
    public static string TextOf(SessionEpoch raised) =>
        string.Create(CultureInfo.InvariantCulture, $"{Raised} {raised.SessionId:D} {raised.Epoch}");

    /// <summary>Reads a payload for a raised epoch. False if it is another one.</summary>
    public static bool TryParse(string payload, out SessionEpoch raised)
    {
        raised = default;
        if (payload.Split(' ') is not [Raised, var id, var number]
            || !Guid.TryParseExact(id, "D", out var session)
            || !uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
        {
            return false;
        }

        raised = new SessionEpoch(session, epoch);
        return true;
    }
}
