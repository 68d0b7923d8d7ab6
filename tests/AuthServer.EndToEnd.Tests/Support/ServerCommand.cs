using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The command that starts a server.</summary>
public sealed record ServerCommand
{
    // A published server starts with less work than the one that was built with the tests.
    private static readonly string? Published = Environment.GetEnvironmentVariable("TESTED_SERVER");
    private static readonly string Built = Published ?? Path.GetFullPath(
        typeof(ServerCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Server").Value!,
        AppContext.BaseDirectory);

    /// <summary>Path of the <c>dotnet</c> that runs the tests. It also runs the servers.</summary>
    public static readonly string Dotnet = Path.GetFullPath(
        "../../../dotnet" + (OperatingSystem.IsWindows() ? ".exe" : ""), RuntimeEnvironment.GetRuntimeDirectory());

    // With port 0 the system picks a free port, which the server logs.
    private static readonly string[] Defaults =
        ["urls=http://127.0.0.1:0", "Passwords:WorkFactor=4", "RateLimits:Enabled=false"];

    /// <summary>Creates a command with a data folder, and with settings beyond the defaults of the tests.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="settings">Settings such as <c>Tokens:Audience=orders</c>.</param>
    public ServerCommand(DataFolder data, params string[] settings) =>
        Settings = [.. Defaults, "Data:Directory=" + data.Data, .. settings];

    /// <summary>True if the tests run against a published server.</summary>
    public static bool IsPublished => Published is not null;

    /// <summary>The folder that the server was built or published to.</summary>
    public static string BuildFolder => Path.GetDirectoryName(Built)!;

    /// <summary>The server's assembly: that of <c>TESTED_SERVER</c>, or else the one that was built with the tests.</summary>
    public string Assembly { get; init; } = Built;

    /// <summary>Settings on the command line. The last value of a repeated setting counts.</summary>
    public IReadOnlyList<string> Settings { get; init; }

    /// <summary>Environment variables, in addition to those of the tests.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The working directory, which is the content root of the server.</summary>
    public string WorkingDirectory { get; init; } = BuildFolder;

    /// <summary>A program, with arguments, that executes the server in its own process. Empty by default.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>The verb of the program and its arguments. Empty by default, to serve.</summary>
    public IReadOnlyList<string> Verb { get; init; } = [];

    public ProcessStartInfo ToStartInfo()
    {
        string[] command = [.. Launcher, Dotnet, Assembly, .. Verb, .. Settings.Select(setting => "--" + setting)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The environment of the tests may have settings for a server of this machine.
        foreach (var name in start.Environment.Keys.Where(IsServerSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        // The process runs for seconds, too short for profile-guided optimization to pay off.
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
