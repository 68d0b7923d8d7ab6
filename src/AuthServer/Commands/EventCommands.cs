using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>events</c>: lists the audit log.</summary>
internal static partial class EventCommands
{
    private static readonly string KindNames = string.Join(", ", Enum.GetValues<EventKind>().Select(EventKinds.NameOf));

    private static readonly Option<string?> User = new("--user")
    {
        Description = "Lists only events of this account; a deleted one is found by its id alone.",
        HelpName = "NAME|ID",
    };

    private static readonly Option<string?> Kind = new("--kind")
    {
        Description = $"Lists only events of this kind: {KindNames}.",
        HelpName = "KIND",
        Validators =
        {
            line =>
            {
                if (!EventKinds.TryParse(line.GetValueOrDefault<string>(), out _))
                {
                    line.AddError($"--kind is one of {KindNames}.");
                }
            },
        },
    };

    private static readonly Option<string?> Since = new("--since")
    {
        Description = "Lists only events since a moment, such as 2026-01-31T12:00Z, or of the last 90m, 24h or 7d.",
        HelpName = "TIME",
        Validators =
        {
            line =>
            {
                if (!TryParseSince(line.GetValueOrDefault<string>() ?? "", DateTimeOffset.MaxValue, out _))
                {
                    line.AddError("--since can't be read; write it like 2026-01-31T12:00Z, 90m, 24h or 7d.");
                }
            },
        },
    };

    private static readonly Option<int?> Limit = new("--limit")
    {
        Description = "Maximum number of events.",
        HelpName = "NUMBER",
        Validators =
        {
            line =>
            {
                if (line.GetValueOrDefault<int?>() is < 1)
                {
                    line.AddError("--limit is at least 1.");
                }
            },
        },
    };

    private static readonly Option<bool> Json = Lists.Json();

    public static Command Create() => new("events", "The audit log.")
    {
        new Command("list", "Lists events, the newest first.") { User, Kind, Since, Limit, Json }.Does(ListAsync),
    };

    /// <summary>Reads a moment, or a time before now such as <c>90m</c>, <c>24h</c> or <c>7d</c>.</summary>
    public static bool TryParseSince(string text, DateTimeOffset now, out DateTimeOffset since)
    {
        if (Duration().Match(text) is not { Success: true } duration)
        {
            const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out since);
        }

        var count = int.Parse(duration.Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        since = now - (duration.Groups["unit"].Value switch
        {
            "m" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        });
        return true;
    }

    private static async Task<string?> ListAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        Guid? userId = null;
        if (parsed.GetValue(User) is { } user && (userId = await FindUserAsync(user, services, ct)) is null)
        {
            return Lists.NoAccount(user);
        }

        var now = services.Get<TimeProvider>().GetUtcNow();
        var filter = new EventFilter(
            userId,
            EventKinds.TryParse(parsed.GetValue(Kind), out var kind) ? kind : null,
            parsed.GetValue(Since) is { } text && TryParseSince(text, now, out var since) ? since : null);
        var events = services.Get<AuditLog>().ListAsync(filter, ct).Take(parsed.GetValue(Limit) ?? int.MaxValue);
        if (parsed.GetValue(Json))
        {
            await events.Select(EventLine.Of).WriteLinesAsync(CommandsJson.Default.EventLine, ct);
            return null;
        }

        await events.WriteTableAsync(new TextTable("TIME", "KIND", "COUNT", "USER", "FROM", "SESSION", "DETAIL"), RowOf, ct);
        return null;
    }

    // An id comes first. Otherwise a user whose name is the id of a deleted account would hide its events.
    private static async Task<Guid?> FindUserAsync(string text, CommandServices services, CancellationToken ct) =>
        Guid.TryParseExact(text, "D", out var id) && await services.Get<AuditLog>().HasEventsAsync(id, ct)
            ? id
            : (await services.FindAccountAsync(text, ct))?.Id;

    private static string[] RowOf(EventView view)
    {
        var row = view.Row;
        var user = view.Username ?? row.UserId?.ToString();
        var from = row.Network ?? row.IpAddress ?? (row.UserAgent == ClientInfo.CommandLine.UserAgent ? row.UserAgent : null);
        return
        [
            Lists.Moment(row.At),
            EventKinds.NameOf(row.Kind),
            row.Count.ToString(CultureInfo.InvariantCulture),
            user ?? Lists.None,
            from ?? Lists.None,
            row.SessionId?.ToString() ?? Lists.None,
            Lists.NameOf(row.Reason) ?? row.Detail ?? Lists.None,
        ];
    }

    [GeneratedRegex("^(?<count>[0-9]{1,5})(?<unit>[mhd])$")]
    private static partial Regex Duration();
}
