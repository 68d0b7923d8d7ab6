using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>How a server is started.</summary>
public sealed record ServerCommand
{
    private static readonly string Built = Path.GetFullPath(
        typeof(ServerCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Server").Value!,
        AppContext.BaseDirectory);

    /// <summary>The dotnet that runs this test, and everything else.</summary>
    public static readonly string Dotnet = Path.GetFullPath(
        "../../../dotnet" + (OperatingSystem.IsWindows() ? ".exe" : ""), RuntimeEnvironment.GetRuntimeDirectory());

    // Port 0 is a free one, and the server says which.
    private static readonly string[] Defaults =
        ["urls=http://127.0.0.1:0", "Passwords:WorkFactor=4", "RateLimits:Enabled=false"];

    /// <summary>A server with data of its own and settings like <c>Tokens:Issuer=me</c>, beyond the tests' usual ones.</summary>
    public ServerCommand(DataFolder data, params string[] settings) =>
        Settings = [.. Defaults, "Data:Directory=" + data.Data, .. settings];

    /// <summary>The folder that the server was built to.</summary>
    public static string BuildFolder => Path.GetDirectoryName(Built)!;

    /// <summary>The server's assembly; the one that was built with the tests, unless set.</summary>
    public string Assembly { get; init; } = Built;

    /// <summary>What the command line says. A setting that comes twice is what it is last.</summary>
    public IReadOnlyList<string> Settings { get; init; }

    /// <summary>What the environment says beyond this test's own.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The content root.</summary>
    public string WorkingDirectory { get; init; } = BuildFolder;

    /// <summary>A program with its arguments that becomes the server, and so has its process id; none unless set.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    /// <summary>What the program is to do; to serve, unless set.</summary>
    public IReadOnlyList<string> Verb { get; init; } = [];

    public ProcessStartInfo ToStartInfo()
    {
        string[] command = [.. Through, Dotnet, Assembly, .. Verb, .. Settings.Select(setting => "--" + setting)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Whatever this machine has set for its own servers is not meant for this one.
        foreach (var name in start.Environment.Keys.Where(IsServerSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        // It lives for seconds, in which no profile pays off.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static bool IsServerSetting(string name) =>
        name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)
        || name.Contains("__", StringComparison.Ordinal)
        || name.ToUpperInvariant() is "DOTNET_ENVIRONMENT" or "DOTNET_CONTENTROOT" or "DOTNET_URLS" or "URLS"
            or "HTTP_PORTS" or "HTTPS_PORTS";
}
