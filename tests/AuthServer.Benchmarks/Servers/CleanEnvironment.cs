namespace AuthServer.Benchmarks.Servers;

/// <summary>The environment of a server: what it is told, and nothing that was meant for another program.</summary>
internal static class CleanEnvironment
{
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
        name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_SYSTEM_NET_SOCKETS_", StringComparison.OrdinalIgnoreCase)
        || name.Contains("__", StringComparison.Ordinal)
        || name.ToUpperInvariant() is "DOTNET_ENVIRONMENT" or "DOTNET_URLS" or "URLS" or "HTTP_PORTS" or "HTTPS_PORTS";
}
