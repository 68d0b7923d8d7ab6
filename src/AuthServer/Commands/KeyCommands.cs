using System.CommandLine;
using AuthServer.Tokens;

namespace AuthServer.Commands;

/// <summary><c>keys</c>: what keys a server has.</summary>
internal static class KeyCommands
{
    public static Command Create() => new("keys", "The keys that tokens are made and checked with.")
    {
        new Command("list", "Lists the keys by kind and number, each with a check value that is the same on all nodes that have the same key.").Does(
            (_, services, _) =>
            {
                var keys = services.Get<ServerKeys>();
                var table = new TextTable("KIND", "NUMBER", "CHECK VALUE", "USE");
                foreach (var key in keys.Fingerprints.OrderBy(key => key.Kind).ThenByDescending(key => key.Number))
                {
                    var use = keys.Makes(key) ? "makes and checks tokens" : "checks tokens";
                    table.Add(key.Kind, $"{key.Number}", Convert.ToHexStringLower(key.Value.Span)[..16], use);
                }

                Console.Write(table);
                return Task.FromResult<string?>(null);
            }),
    };
}
