using System.CommandLine;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>sessions</c>: ends sessions.</summary>
internal static class SessionCommands
{
    public static Command Create() => new("sessions", "The sessions of users.") { End() };

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
            if (parsed.GetValue(user) is { } name)
            {
                userId = Username.Normalize(name) is { } normalized
                    ? (await services.Get<AccountStore>().FindAsync(normalized, ct))?.Id
                    : null;
                if (userId is null)
                {
                    return $"There is no account {name}.";
                }
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
