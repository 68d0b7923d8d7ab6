using System.CommandLine;
using AuthServer.Tokens;

namespace AuthServer.Commands;

/// <summary><c>resources</c>: back ends that ask about tokens and hear of ended sessions.</summary>
internal static class ResourceServerCommands
{
    public static Command Create() => new("resources", "Back ends that ask about tokens and hear of ended sessions.")
    {
        CreateAdd(),
        new Command("list", "Lists the back ends.").Does(ListAsync),
        CreateRotateSecret(),
        CreateRemove(),
    };

    private static Command CreateAdd()
    {
        var name = NameOf();
        return new Command("add", "Adds a back end and shows its secret, once.") { name }.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            var chosen = parsed.GetValue(name)!;
            if (!ResourceServerService.IsName(chosen))
            {
                return "A name has 1 to 64 letters, digits, hyphens, underscores and dots.";
            }

            var secret = await services.Get<ResourceServerService>().AddAsync(chosen, ct);
            if (secret is not null && !await services.Get<AccessKeyService>().HasPublicKeyAsync(ct))
            {
                await Console.Error.WriteLineAsync(
                    "Access tokens are signed with HS256, so no back end can check them; set Tokens:Algorithm to ES256.");
            }

            return Show(secret, $"There is a back end {chosen} already.");
        });
    }

    private static Command CreateRotateSecret()
    {
        var name = NameOf();
        return new Command("rotate-secret", "Replaces the secret of a back end at once and shows the new one.") { name }.Does(
            async (parsed, services, ct) =>
            {
                await services.OpenAsync(ct);
                var chosen = parsed.GetValue(name)!;
                return Show(await services.Get<ResourceServerService>().ReplaceSecretAsync(chosen, ct), Missing(chosen));
            });
    }

    private static Command CreateRemove()
    {
        var name = NameOf();
        return new Command("remove", "Removes a back end.") { name }.Does(async (parsed, services, ct) =>
        {
            await services.OpenAsync(ct);
            var chosen = parsed.GetValue(name)!;
            return await services.Get<ResourceServerService>().RemoveAsync(chosen, ct) ? null : Missing(chosen);
        });
    }

    private static async Task<string?> ListAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        var table = new TextTable("NAME", "CREATED");
        foreach (var server in await services.Get<ResourceServerService>().ListAsync(ct))
        {
            table.Add([server.Name, Lists.Moment(server.CreatedAt)]);
        }

        Console.Write(table.Take());
        return null;
    }

    private static Argument<string> NameOf() => new("NAME") { Description = "The name of the back end." };

    private static string Missing(string name) => $"There is no back end {name}.";

    private static string? Show(string? secret, string failure)
    {
        if (secret is null)
        {
            return failure;
        }

        Console.WriteLine(secret);
        return null;
    }
}
