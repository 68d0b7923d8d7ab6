using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AuthServer.Client.Tests.Support;

/// <summary>Projects and assemblies that were built beside these tests, and the SDK that built them.</summary>
public static class Built
{
    /// <summary>The folder of the client's project.</summary>
    public static string ClientProject => PathOf("Client");

    /// <summary>The sample's assembly.</summary>
    public static string Sample => PathOf("Sample");

    /// <summary>The folder of the Node sample.</summary>
    public static string NodeSample => Path.Combine(ClientProject, "../Samples/NodeClient");

    /// <summary>The folder of the module for browsers and Node.</summary>
    public static string WebModule => Path.Combine(ClientProject, "../AuthServer.Client.Web");

    /// <summary>The folder of these tests' sources.</summary>
    public static string TestProject => Path.Combine(ClientProject, "../../tests/AuthServer.Client.Tests");

    public static string Configuration => ValueOf("Configuration");

    /// <summary>Runs <c>dotnet</c> to its end, and returns the exit code and all that it printed.</summary>
    public static async Task<(int ExitCode, string Output)> DotnetAsync(
        IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var name = "../../../dotnet" + (OperatingSystem.IsWindows() ? ".exe" : "");
        var dotnet = Path.GetFullPath(name, RuntimeEnvironment.GetRuntimeDirectory());
        var start = new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    private static string PathOf(string key) => Path.GetFullPath(ValueOf(key), AppContext.BaseDirectory);

    private static string ValueOf(string key) =>
        typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(value => value.Key == key).Value!;
}
