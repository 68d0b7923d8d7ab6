namespace AuthServer.Tests.Architecture;

/// <summary>The rooms of the server: one for each folder, each storage provider and the composition at the root.</summary>
internal static class Rooms
{
    /// <summary>The room of <c>Program</c> and the composition, which use every other room.</summary>
    public const string Root = "the root";

    private static readonly string[] Ground = ["Core", "Hosting", "Observability"];
    private static readonly string[] Web = [.. Ground, "Bearer", "Http"];
    private static readonly string[] ForSessions = [.. Web, "Credentials", "Storage", "Tokens"];
    private static readonly string[] ForAccounts = [.. ForSessions, "Sessions"];
    private static readonly string[] ForAdmin = [.. ForAccounts, "Accounts", "ExternalLogins", "Passkeys", "SecondFactors"];

    /// <summary>The rooms that each room may use. No entry names the root or a storage provider.</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Core"] = [],
        ["Bearer"] = ["Core"],
        ["Hosting"] = ["Core"],
        ["Observability"] = ["Core"],
        ["Storage"] = Ground,
        ["Storage.Sqlite"] = [.. Ground, "Storage"],
        ["Storage.Postgres"] = [.. Ground, "Storage"],
        ["Http"] = [.. Ground, "Bearer"],
        ["Health"] = [.. Web, "Storage"],
        ["Credentials"] = Ground,
        ["Tokens"] = [.. Web, "Storage"],
        ["Mail"] = [.. Ground, "Storage", "Tokens"],
        ["Sessions"] = ForSessions,
        ["Passkeys"] = ForAccounts,
        ["Accounts"] = [.. ForAccounts, "Passkeys"],
        ["ExternalLogins"] = [.. ForAccounts, "Accounts"],
        ["SecondFactors"] = [.. ForAccounts, "Accounts", "Passkeys"],
        ["Pages"] = [.. Web, "Tokens", "Accounts", "Credentials"],
        ["Admin"] = ForAdmin,
        ["Commands"] = [.. ForAdmin.Except(["Http"]), "Admin"],
    };

    /// <summary>The room of a type, known or not; null for types of packages, of the tests and of the compiler.</summary>
    public static string? Of(TypeName type) => type.Namespace.Split('.') switch
    {
        _ when !type.IsIn("AuthServer") => null,
        [""] when type.Name.StartsWith('<') => null,
        [""] or ["AuthServer"] => Root,
        ["AuthServer", "Tests", ..] => null,
        ["AuthServer", "Storage", var provider, ..] => $"Storage.{provider}",
        ["AuthServer", var room, ..] => room,
        _ => null,
    };

    /// <summary>True if a room is one that the server has.</summary>
    public static bool Has(string room) => room == Root || Known.ContainsKey(room);

    /// <summary>True if types of a room may use types of another.</summary>
    public static bool MayUse(string room, string other) =>
        room == other || room == Root || (Known.TryGetValue(room, out var known) && known.Contains(other));
}
