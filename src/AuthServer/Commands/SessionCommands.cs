using System.CommandLine;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>sessions</c>: lists and ends sessions.</summary>
internal static class SessionCommands
{
    public static Command Create() => new("sessions", "The sessions of users.") { List(), End() };

    private static Command List()
    {
        Option<string?> user = new("--user") { Description = "Lists only sessions of this account.", HelpName = "NAME" };
        Option<bool> ended = new("--ended") { Description = "Lists ended sessions too; they are stored for 30 days." };
        var json = Lists.Json();
        var list = new Command("list", "Lists live sessions, the newest login first.") { user, ended, json };
        return list.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            Guid? userId = null;
            if (parsed.GetValue(user) is { } name && (userId = (await services.FindAccountAsync(name, ct))?.Id) is null)
            {
                return Lists.NoAccount(name);
            }

            var sessions = services.Get<Overview>().ListSessionsAsync(userId, parsed.GetValue(ended), ct);
            if (parsed.GetValue(json))
            {
                await sessions.Select(SessionLine.Of).WriteLinesAsync(CommandsJson.Default.SessionLine, ct);
                return null;
            }

            var table = new TextTable("ID", "USER", "SINCE", "LAST USED", "ADDRESS", "DEVICE", "ENDED", "REASON");
            await sessions.WriteTableAsync(table, RowOf, ct);
            return null;
        });
    }

    private static string[] RowOf(OwnedSessionView one) =>
    [
        $"{one.Session.Id}",
        one.Username,
        Lists.Moment(one.Session.CreatedAt),
        Lists.Moment(one.Session.LastUsedAt),
        one.Session.IpAddress ?? Lists.None,
        one.Session.DeviceName ?? one.Session.UserAgent ?? Lists.None,
        one.Session.EndedAt is { } at ? Lists.Moment(at) : Lists.None,
        Lists.NameOf(one.Session.EndReason) ?? Lists.None,
    ];

    private static Command End()
    {
        Argument<string?> id = new("ID") { Description = "The session.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> user = new("--user") { Description = "All sessions of an account.", HelpName = "NAME" };
        Option<bool> all = new("--all") { Description = "All sessions of all accounts, such as after a restore." };
        var end = new Command("end", "Ends one session, all sessions of an account, or all sessions.") { id, user, all };
        end.Validators.Add(line =>
        {
            var ways = new[] { line.GetValue(id) is not null, line.GetValue(user) is not null, line.GetValue(all) };
            if (ways.Count(way => way) != 1)
            {
                line.AddError("Give exactly one of ID, --user NAME and --all.");
            }
            else if (line.GetValue(id) is { } text && !Guid.TryParseExact(text, "D", out _))
            {
                line.AddError($"{text} is not the ID of a session.");
            }
        });
        return end.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            var sessions = services.Get<SessionEnder>();
            if (parsed.GetValue(id) is { } session)
            {
                var ended = await sessions.EndAsync([Guid.ParseExact(session, "D")], EndReason.Revoked, ct);
                return Report(ended, failure: $"There is no live session {session}.");
            }

            Guid? userId = null;
            if (parsed.GetValue(user) is { } name && (userId = (await services.FindAccountAsync(name, ct))?.Id) is null)
            {
                return Lists.NoAccount(name);
            }

            return Report(await sessions.EndLiveAsync(userId, EndReason.Revoked, ct));
        });
    }

    private static string? Report(int ended, string? failure = null)
    {
        Console.WriteLine($"{ended} ended.");
        return ended == 0 ? failure : null;
    }
}
