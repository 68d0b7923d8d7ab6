using System.CommandLine;
using System.Globalization;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary><c>mail</c>: the outbox.</summary>
internal static class MailCommands
{
    private static readonly Option<bool> Json = Lists.Json();

    private static readonly Argument<string> Id = new("ID") { Description = "The id of a mail, or all." };

    public static Command Create() => new("mail", "Mails to users.")
    {
        new Command("list", "Lists the mails that wait, those of the last day that were sent, and those that failed.") { Json }
            .Does(ListAsync),
        new Command("retry", "Sends mails again that have failed, except links that set a password or log in.") { Id }
            .Does(RetryAsync),
    };

    private static async Task<string?> ListAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        var mails = services.Get<MailStore>().ListAsync(ct);
        if (parsed.GetValue(Json))
        {
            await mails.Select(MailLine.Of).WriteLinesAsync(CommandsJson.Default.MailLine, ct);
            return null;
        }

        var table = new TextTable("ID", "KIND", "STATE", "CREATED", "DUE", "ATTEMPTS", "TO", "PROBLEM");
        await mails.WriteTableAsync(table, RowOf, ct);
        return null;
    }

    private static async Task<string?> RetryAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        var given = parsed.GetValue(Id)!;
        Guid? id = null;
        if (given != "all")
        {
            if (!Guid.TryParse(given, out var one))
            {
                return "ID is the id of a mail, as mail list shows it, or all.";
            }

            id = one;
        }

        var count = await services.Get<MailStore>().RetryAsync(id, ct);
        if (count == 0 && id is not null)
        {
            return $"There is no failed mail {id} that can be sent again.";
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} mails are due."));
        return null;
    }

    private static string[] RowOf(MailRow mail) =>
    [
        mail.Id.ToString(),
        MailKinds.NameOf(mail.Kind),
        Lists.NameOf(mail.State)!,
        Lists.Moment(mail.CreatedAt),
        Lists.Moment(mail.DueAt),
        mail.Attempts.ToString(CultureInfo.InvariantCulture),
        mail.Address ?? Lists.None,
        mail.Problem ?? Lists.None,
    ];
}
