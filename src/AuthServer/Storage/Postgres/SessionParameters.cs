using AuthServer.Core;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>Parameters of the statements on sessions and events, by their positions. Many rows are one array a column.</summary>
internal static class SessionParameters
{
    public static void AddOpened(this NpgsqlParameterCollection parameters, IReadOnlyList<SessionRow> sessions)
    {
        parameters.Add(In(sessions, s => s.Id));
        parameters.Add(In(sessions, s => s.UserId));
        parameters.Add(In(sessions, s => (long)s.Generation));
        parameters.Add(In(sessions, s => (long?)s.NewestPresented));
        parameters.Add(In(sessions, s => s.CreatedAt.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => s.RotatedAt.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => s.AuthenticatedAt.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => (int)s.Methods));
        parameters.Add(In(sessions, s => s.DeviceName));
        parameters.Add(In(sessions, s => s.IpAddress));
        parameters.Add(In(sessions, s => s.UserAgent));
        parameters.Add(In(sessions, s => s.EndedAt?.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => (int?)s.EndReason));
    }

    // $1 to $9.
    public static void AddChanged(this NpgsqlParameterCollection parameters, IReadOnlyList<LoadedSession> sessions)
    {
        parameters.Add(In(sessions, s => s.Row.Id));
        parameters.Add(In(sessions, s => (long)s.LoadedGeneration));
        parameters.Add(In(sessions, s => (long)s.Row.Generation));
        parameters.Add(In(sessions, s => (long?)s.Row.NewestPresented));
        parameters.Add(In(sessions, s => s.Row.RotatedAt.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => s.Row.IpAddress));
        parameters.Add(In(sessions, s => s.Row.UserAgent));
        parameters.Add(In(sessions, s => s.Row.EndedAt?.ToUnixTimeMilliseconds()));
        parameters.Add(In(sessions, s => (int?)s.Row.EndReason));
    }

    // $10 to $19; of the statement that counts $1 to $10.
    public static void AddEvents(this NpgsqlParameterCollection parameters, IReadOnlyList<EventRow> events)
    {
        parameters.Add(In(events, e => e.At.ToUnixTimeMilliseconds()));
        parameters.Add(In(events, e => (int)e.Kind));
        parameters.Add(In(events, e => e.UserId));
        parameters.Add(In(events, e => e.SessionId));
        parameters.Add(In(events, e => (int?)e.Reason));
        parameters.Add(In(events, e => e.Count));
        parameters.Add(In(events, e => e.IpAddress));
        parameters.Add(In(events, e => e.UserAgent));
        parameters.Add(In(events, e => e.Network));
        parameters.Add(In(events, e => e.Detail));
    }

    // $20 to $26.
    public static void AddEnds(this NpgsqlParameterCollection parameters, SessionChanges changes)
    {
        List<SessionEnd> notified = [.. changes.Ended, .. changes.Confirmed];
        parameters.Add(In(notified, end => end.SessionId));
        parameters.Add(In(notified, end => (int)end.Reason));
        parameters.Add(In(notified, end => end.EndedAt.ToUnixTimeMilliseconds()));
        parameters.Add(In(changes.Confirmed, end => end.SessionId));
        parameters.Add(In(EndNotice.Channel));
        parameters.Add(In(EndNotice.MostEnds));
        parameters.Add(In(EndNotice.Reload));
    }

    public static NpgsqlParameter<T> In<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<TValue[]> In<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = value(rows[at]);
        }

        return new() { TypedValue = values };
    }
}
