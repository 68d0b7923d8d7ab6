using System.CommandLine;
using AuthServer.Tokens;

namespace AuthServer.Commands;

/// <summary><c>keys</c>: lists the keys of a server.</summary>
internal static class KeyCommands
{
    public static Command Create() => new("keys", "The keys of access tokens and refresh tokens.")
    {
        new Command("list", "Lists the keys by kind and number. Nodes with the same key show the same fingerprint.")
            .Does((_, services, _) =>
            {
                Console.Write(TableOf(services.Get<ServerKeys>()).Take());
                return Task.FromResult<string?>(null);
            }),
    };

    private static TextTable TableOf(ServerKeys keys)
    {
        var table = new TextTable("KIND", "NUMBER", "FINGERPRINT", "USE");
        foreach (var key in keys.Fingerprints.OrderBy(key => key.Kind).ThenByDescending(key => key.Number))
        {
            var use = keys.Makes(key) ? "creates and verifies tokens" : "verifies tokens";
            table.Add(key.Kind, $"{key.Number}", Convert.ToHexStringLower(key.Value.Span)[..16], use);
        }

        return table;
    }
}
