using System.CommandLine;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Commands;

/// <summary><c>keys</c>: the root keys of a server and its access keys.</summary>
internal static class KeyCommands
{
    public static Command Create() => new("keys", "The root keys of the server, and the keys of access tokens.")
    {
        new Command("list", "Lists the access keys.").Does(ListAsync),
        new Command("check", "Lists the root keys and what depends on each. Nodes with the same key show the same fingerprint.")
            .Does(CheckAsync),
        CreateRotate(),
        CreateRetire(),
        CreateRevoke(),
    };

    private static Command CreateRotate()
    {
        var algorithm = new Option<string?>("--algorithm")
        {
            Description = "HS256, ES256 or RS256; that of Tokens:Algorithm unless given.",
        };
        algorithm.AcceptOnlyFromAmong(TokenOptions.Algorithms);
        var now = new Option<bool>("--now") { Description = "It signs at once, before back ends can have fetched it." };
        return new Command("rotate", "Creates the next access key. It signs after Keys:PublishAhead.") { algorithm, now }.Does(
            async (parsed, services, ct) =>
            {
                await OpenAsync(services, ct);
                var created = await services.Get<AccessKeyService>()
                    .RotateAsync(parsed.GetValue(algorithm), parsed.GetValue(now), ct);
                Console.WriteLine($"Created the access key {created}.");
                return null;
            });
    }

    private static Command CreateRetire()
    {
        var number = new Argument<int>("number") { Description = "The number of the key." };
        return new Command("retire", "Withdraws an access key that has leaked: its tokens are refused at once.") { number }.Does(
            async (parsed, services, ct) =>
            {
                await OpenAsync(services, ct);
                if (await services.Get<AccessKeyService>().WithdrawAsync(parsed.GetValue(number), ct) is not { } created)
                {
                    return $"There is no access key {parsed.GetValue(number)} that could be withdrawn; `keys list` has them.";
                }

                Console.WriteLine($"Withdrew the access key {parsed.GetValue(number)}. The access key {created} signs now.");
                return null;
            });
    }

    private static Command CreateRevoke()
    {
        var number = new Argument<byte>("number") { Description = "The number of the root key." };
        var revoke = new Command(
            "revoke-root", "Revokes a root key that has leaked: all that was created under it is refused at once, by all nodes.")
        {
            number,
        };
        return revoke.Does(async (parsed, services, ct) =>
        {
            await OpenAsync(services, ct);
            var revoked = parsed.GetValue(number);
            if (await services.Get<AccessKeyService>().RevokeRootAsync(revoked, ct) is not { } signing)
            {
                return $"There is no root key {revoked} that could be revoked; `keys check` has them.";
            }

            Console.WriteLine($"Revoked the root key {revoked}. The access key {signing} signs now, and no other is valid.");
            return null;
        });
    }

    private static async Task<string?> ListAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        var now = services.Get<TimeProvider>().GetUtcNow();
        var table = new TextTable("NUMBER", "ALGORITHM", "STATE", "CREATED", "SIGNS FROM", "GONE");
        foreach (var key in (await services.Get<KeyStore>().ReadAccessKeysAsync(ct)).Select(row => row.ToPeriod()).Reverse())
        {
            table.Add([
                $"{key.Number}",
                key.Algorithm,
                Lists.NameOf(key.StateAt(now))!,
                Lists.Moment(key.CreatedAt),
                Lists.Moment(key.SignsFrom),
                key.GoneAt is { } goneAt ? Lists.Moment(goneAt) : Lists.None,
            ]);
        }

        Console.Write(table.Take());
        return null;
    }

    private static async Task<string?> CheckAsync(ParseResult parsed, CommandServices services, CancellationToken ct)
    {
        await OpenAsync(services, ct);
        var keys = services.Get<ServerKeys>().Root;
        var table = new TextTable("ROOT KEY", "FINGERPRINT", "USE", "ACCESS KEYS", "SECOND FACTORS", "SESSIONS", "DEVICES UNTIL");
        foreach (var use in await services.Get<RootKeyService>().FindUsesAsync(ct))
        {
            var number = (byte)use.Number;
            var isCurrent = number == keys.Current;
            table.Add([
                $"{number}",
                keys.Numbers.Contains(number) ? TextOf(ServerKeys.FingerprintOf(keys, number)) : "missing",
                isCurrent ? "creates" : use.IsOver ? "can be removed" : "needed",
                $"{use.AccessKeys}",
                $"{use.SecondFactors}",
                $"{use.Sessions}",
                use.DevicesUntil is { } until && !isCurrent ? Lists.Moment(until) : Lists.None,
            ]);
        }

        Console.Write(table.Take());
        return null;
    }

    private static string TextOf(byte[] fingerprint) => Convert.ToHexStringLower(fingerprint)[..16];

    // Keys are only changed under a root key of this database.
    private static async Task OpenAsync(CommandServices services, CancellationToken ct)
    {
        await services.OpenAsync(ct);
        await services.Get<RootKeyService>().PrepareAsync(acceptsNew: false, ct);
    }
}
