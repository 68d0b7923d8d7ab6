namespace AuthServer.Benchmarks.Servers;

/// <summary>The environment of a server: what it is told, and nothing that was meant for another program.</summary>
internal static class CleanEnvironment
{
    // Where the runtime is and which one is taken; all else by this prefix is a setting of it, such as the collector's.
    private static readonly string[] RuntimeLocations = ["DOTNET_ROOT", "DOTNET_ROLL_FORWARD"];

    // Of servers, of the runtime by its old prefix, of telemetry and of node.
    private static readonly string[] ForeignPrefixes = ["ASPNETCORE_", "COMPLUS_", "OTEL_", "NODE_", "UV_"];

    /// <summary>Removes settings of servers and of this program, and adds the server's own.</summary>
    public static void Apply(IDictionary<string, string?> environment, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var name in environment.Keys.Where(IsForeign).ToList())
        {
            environment.Remove(name);
        }

        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["NODE_ENV"] = "production";
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }
    }

    private static bool IsForeign(string name) =>
        StartsWithAny(name, ForeignPrefixes)
        || (StartsWithAny(name, "DOTNET_") && !StartsWithAny(name, RuntimeLocations))
        || name.Contains("__", StringComparison.Ordinal)
        || name.ToUpperInvariant() is "URLS" or "HTTP_PORTS" or "HTTPS_PORTS";

    private static bool StartsWithAny(string name, params IEnumerable<string> prefixes) =>
        prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
