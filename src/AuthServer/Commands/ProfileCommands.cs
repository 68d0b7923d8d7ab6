using System.CommandLine;
using System.Text.Json;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary>The verbs of <c>users</c> on names, addresses and data of an account.</summary>
internal static class ProfileCommands
{
    private static readonly Argument<string> New = new("NEW") { Description = "The new user name." };

    private static readonly Argument<string> DisplayName = new("TEXT")
    {
        Description = "The display name; \"\" removes it.",
    };

    private static readonly Argument<string> Address = new("ADDRESS") { Description = "An email address." };

    private static readonly Argument<string> GivenUp = new("NAME")
    {
        Description = "A user name that an account gave up, in upper or lower case.",
    };

    /// <summary>Creates the verbs.</summary>
    /// <param name="name">The user name.</param>
    /// <param name="force">True to remove the last administrator too.</param>
    public static IEnumerable<Command> Create(Argument<string> name, Option<bool> force)
    {
        yield return new Command("rename", "Changes the user name of an account. The old name stays reserved.")
        {
            name, New,
        }.Does((parsed, services, ct) => ChangeAsync(
            parsed.GetValue(name)!,
            new ProfileWish(Username: new NewText(parsed.GetValue(New))),
            services,
            $"has the user name {parsed.GetValue(New)}",
            ct));
        yield return new Command("set-name", "Changes the display name of an account.") { name, DisplayName }.Does(
            (parsed, services, ct) => ChangeAsync(
                parsed.GetValue(name)!,
                new ProfileWish(DisplayName: new NewText(parsed.GetValue(DisplayName))),
                services,
                "has another display name",
                ct));
        yield return new Command("set-email", "Sets the address of an account, as verified, without a mail to it.")
        {
            name, Address,
        }.Does((parsed, services, ct) => SetEmailAsync(parsed.GetValue(name)!, parsed.GetValue(Address)!, services, ct));
        yield return new Command("export", "Writes all that is stored about an account, as JSON, without its secrets.")
        {
            name,
        }.Does((parsed, services, ct) => ExportAsync(parsed.GetValue(name)!, services, ct));
        yield return new Command("free-name", "Lets any account have a name that was given up, which stays reserved else.")
        {
            GivenUp,
        }.Does((parsed, services, ct) => FreeNameAsync(parsed.GetValue(GivenUp)!, services, ct));
        yield return new Command("remove", "Deletes an account for ever and ends all its sessions.") { name, force }.Does(
            (parsed, services, ct) => RemoveAsync(parsed.GetValue(name)!, parsed.GetValue(force), services, ct));
    }

    private static async Task<string?> ChangeAsync(
        string name, ProfileWish wish, CommandServices services, string done, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        if (await services.FindAccountAsync(name, ct) is not { } account)
        {
            return Lists.NoAccount(name);
        }

        var outcome = await services.Get<ProfileService>().ChangeAsync(account.Id, wish, ct);
        return outcome.Refusal is { Code: ErrorCode.NotFound }
            ? Lists.NoAccount(name)
            : UserCommands.Report(outcome.Refusal, $"{name} {done}.");
    }

    private static async Task<string?> SetEmailAsync(
        string name, string address, CommandServices services, CancellationToken ct)
    {
        if (!EmailAddress.IsValid(address))
        {
            return $"{address} is no valid email address.";
        }

        await services.OpenAsync(ct);
        if (await services.FindAccountAsync(name, ct) is not { } account)
        {
            return Lists.NoAccount(name);
        }

        switch (await services.Get<EmailStore>().SetAsync(account.Id, address, ct))
        {
            case EmailResult.Changed:
                Console.WriteLine($"{name} has the verified address {address}.");
                return null;
            case EmailResult.InUse:
                return "Another account has verified this address.";
            default:
                return Lists.NoAccount(name);
        }
    }

    private static async Task<string?> ExportAsync(string name, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        if (await services.FindAccountAsync(name, ct) is not { } account
            || await services.Get<ExportService>().BeginAsync(
                account.Id, sessionId: null, ClientInfo.CommandLine, ct) is not { } export)
        {
            return Lists.NoAccount(name);
        }

        await using var output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, export, ExportJson.Default.AccountExport, ct);
        await output.WriteAsync("\n"u8.ToArray(), ct);
        return null;
    }

    private static async Task<string?> FreeNameAsync(string name, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        if (Username.Normalize(name) is not { } normalized
            || !await services.Get<ProfileStore>().FreeNameAsync(normalized, ct))
        {
            return $"The name {name} is not reserved.";
        }

        Console.WriteLine($"The name {name} is free.");
        return null;
    }

    private static async Task<string?> RemoveAsync(
        string name, bool force, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        if (await services.FindAccountAsync(name, ct) is not { } account)
        {
            return Lists.NoAccount(name);
        }

        var result = await services.Get<DeletionStore>().DeleteAsync(
            account.Id, sessionId: null, ClientInfo.CommandLine, ct, force);
        return UserCommands.Report(result, name, $"{name} is deleted.");
    }
}
