using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>users</c>: manages accounts, including the first administrator.</summary>
internal static class UserCommands
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The user name, in upper or lower case." };

    private static readonly Argument<string> Role = new("ROLE") { Description = "A role; admin makes an administrator." };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Does it even if no administrator is left.",
    };

    public static Command Create()
    {
        var users = new Command("users", "The accounts of users.")
        {
            Add(),
            List(),
            Show(),
            new Command("disable", "Disables an account and ends all its sessions.") { Name, Force }.Does(
                (parsed, services, ct) => SetDisabledAsync(parsed, services, disabled: true, ct)),
            new Command("enable", "Enables a disabled account again.") { Name }.Does(
                (parsed, services, ct) => SetDisabledAsync(parsed, services, disabled: false, ct)),
            new Command("grant", "Adds a role to an account, and to its tokens at the next refresh.") { Name, Role }.Does(
                (parsed, services, ct) =>
                    ChangeRolesAsync(parsed, services, (roles, role) => [.. roles, role], "has the role", ct)),
            new Command("revoke", "Removes a role from an account, and from its tokens at the next refresh.")
            {
                Name, Role, Force,
            }.Does((parsed, services, ct) => ChangeRolesAsync(
                parsed, services, (roles, role) => roles.Where(r => r != role), "does not have the role", ct)),
            SetPassword(),
            SecondFactorCommand.Create(Name),
        };
        foreach (var command in ProfileCommands.Create(Name, Force))
        {
            users.Add(command);
        }

        return users;
    }

    private static Command Add()
    {
        Option<string?> email = new("--email") { Description = "An email address.", HelpName = "ADDRESS" };
        Option<string?> displayName = new("--display-name") { Description = "A display name.", HelpName = "TEXT" };
        Option<string[]> roles = new("--role")
        {
            Description = "A role, which makes an administrator if it is admin. May be given more than once.",
            HelpName = "ROLE",
        };
        var add = new Command("add", "Creates an account, with a password from standard input or a prompt.")
        {
            Name, email, displayName, roles,
        };
        return add.Does(async (parsed, services, ct) =>
        {
            var wanted = parsed.GetValue(roles) ?? [];
            if (Array.Find(wanted, role => !RoleName.IsValid(role)) is not null)
            {
                return RoleName.Rule;
            }

            // Asked before the database is opened, so that the start of a server does not wait for the typing.
            var password = await PasswordPrompt.ReadAsync(ct);
            var registration = new Registration(
                parsed.GetValue(Name), password, parsed.GetValue(email), parsed.GetValue(displayName));
            await services.OpenAsync(ct);
            var outcome = await services.Get<RegistrationService>().AddAsync(registration, wanted, ct);
            return Report(outcome.Refusal, $"{registration.Username} has an account.");
        });
    }

    private static Command List()
    {
        var json = Lists.Json();
        return new Command("list", "Lists all accounts by name.") { json }.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            var users = services.Get<AccountStore>().ListAsync(ct);
            if (parsed.GetValue(json))
            {
                await users.Select(AccountLine.Of).WriteLinesAsync(CommandsJson.Default.AccountLine, ct);
                return null;
            }

            await users.WriteTableAsync(new TextTable("NAME", "ID", "ROLES", "STATE", "SINCE"), RowOf, ct);
            return null;
        });
    }

    private static string[] RowOf(UserRow user) =>
    [
        user.Username,
        $"{user.Id}",
        string.Join(',', user.Roles),
        StateOf(user),
        user.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ];

    private static Command Show()
    {
        var json = Lists.Json();
        var show = new Command("show", "Shows an account, its live sessions, its last login and recent failures.") { Name, json };
        return show.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            if (await services.FindAccountAsync(parsed.GetValue(Name)!, ct) is not { } account
                || await services.Get<Overview>().FindAccountAsync(account.Id, ct) is not { } view)
            {
                return Unknown(parsed);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(AccountLine.Of(view), CommandsJson.Default.AccountLine));
                return null;
            }

            var table = new TextTable("NAME", view.User.Username);
            table.Add("ID", $"{view.User.Id}");
            table.Add("DISPLAY NAME", view.User.DisplayName ?? Lists.None);
            table.Add("E-MAIL", view.User.Email ?? Lists.None);
            table.Add("ROLES", view.User.Roles.Count == 0 ? Lists.None : string.Join(',', view.User.Roles));
            table.Add("STATE", StateOf(view.User));
            table.Add("SINCE", Lists.Moment(view.User.CreatedAt));
            table.Add("LIVE SESSIONS", $"{view.LiveSessions}");
            table.Add("LAST LOGIN", view.LastLoginAt is { } at ? Lists.Moment(at) : Lists.None);
            table.Add("FAILED LOGINS IN 24 HOURS", $"{view.RecentFailures}");
            Console.Write(table.Take());
            return null;
        });
    }

    private static string StateOf(UserRow user) => user.Disabled ? "disabled" : "enabled";

    private static Command SetPassword() => new Command(
        "set-password", "Sets a password, from standard input or a prompt, and ends all sessions of the account.") { Name }.Does(
        async (parsed, services, ct) =>
        {
            var password = await PasswordPrompt.ReadAsync(ct);
            await services.OpenAsync(ct);
            if (await services.FindAccountAsync(parsed.GetValue(Name)!, ct) is not { } account)
            {
                return Unknown(parsed);
            }

            var outcome = await services.Get<PasswordService>().ResetAsync(account, password, ct);
            return Report(outcome.Refusal, $"{parsed.GetValue(Name)} has a new password.");
        });

    private static Task<string?> SetDisabledAsync(
        ParseResult parsed, CommandServices services, bool disabled, CancellationToken ct)
    {
        var done = disabled ? "is disabled" : "is enabled";
        return ChangeAsync(
            parsed, services, (accounts, id, force) => accounts.SetDisabledAsync(id, disabled, ct, force), done, ct);
    }

    private static Task<string?> ChangeRolesAsync(
        ParseResult parsed,
        CommandServices services,
        Func<IEnumerable<string>, string, IEnumerable<string>> change,
        string done,
        CancellationToken ct)
    {
        var role = parsed.GetValue(Role)!;
        return RoleName.IsValid(role)
            ? ChangeAsync(
                parsed,
                services,
                (accounts, id, force) => accounts.ChangeRolesAsync(id, roles => change(roles, role).Distinct(), ct, force),
                $"{done} {role}",
                ct)
            : Task.FromResult<string?>(RoleName.Rule);
    }

    private static async Task<string?> ChangeAsync(
        ParseResult parsed,
        CommandServices services,
        Func<AccountStore, Guid, bool, Task<AccountResult>> change,
        string done,
        CancellationToken ct)
    {
        await services.OpenAsync(ct);
        var name = parsed.GetValue(Name)!;
        return await services.FindAccountAsync(name, ct) is { } account
            ? Report(await change(services.Get<AccountStore>(), account.Id, parsed.GetValue(Force)), name, $"{name} {done}.")
            : Unknown(parsed);
    }

    private static string Unknown(ParseResult parsed) => Lists.NoAccount(parsed.GetValue(Name)!);

    /// <summary>Writes what was done. Returns the reason of a refusal instead, or null.</summary>
    public static string? Report(AccountResult result, string name, string done)
    {
        switch (result)
        {
            case AccountResult.Changed:
                Console.WriteLine(done);
                return null;
            case AccountResult.LastAdministrator:
                return $"{name} is the last administrator. Make another user one first, or give --force.";
            default:
                return Lists.NoAccount(name);
        }
    }

    /// <inheritdoc cref="Report(AccountResult, string, string)"/>
    public static string? Report(Refusal? refusal, string done)
    {
        switch (refusal)
        {
            case null:
                Console.WriteLine(done);
                return null;
            case { Errors: { } errors }:
                return string.Join(Environment.NewLine, errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"));
            default:
                return refusal.Code == ErrorCode.UsernameTaken
                    ? "Another account has this user name, or had it before."
                    : $"The server refused this ({refusal.Code}).";
        }
    }
}
