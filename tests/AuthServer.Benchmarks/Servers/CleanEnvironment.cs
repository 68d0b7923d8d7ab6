namespace AuthServer.Benchmarks.Servers;

/// <summary>The environment variables of a server, without those that are meant for other programs.</summary>
internal static class CleanEnvironment
{
    // Variables that locate and select the runtime. All further DOTNET_ variables change its behavior, such as garbage
    // collection.
    private static readonly string[] RuntimeLocations = ["DOTNET_ROOT", "DOTNET_ROLL_FORWARD"];

    // Settings of ASP.NET Core, of the .NET runtime by its former prefix, of OpenTelemetry and of node.
    private static readonly string[] ForeignPrefixes = ["ASPNETCORE_", "COMPLUS_", "OTEL_", "NODE_", "UV_"];

    /// <summary>Removes the inherited settings of servers and runtimes, and adds the settings of a server.</summary>
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
