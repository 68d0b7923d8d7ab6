using System.Runtime.InteropServices;

namespace AuthServer.Benchmarks.Servers;

/// <summary>Publishes servers as for a deployment, with ReadyToRun code for this machine, which shortens their start.</summary>
internal static class Publisher
{
    private static readonly HashSet<string> Published = [];

    /// <summary>True if node is installed.</summary>
    public static bool HasNode { get; } = Tool.IsInstalled("node");

    /// <summary>Publishes a server. Returns the path of its program. Servers of the same project are published once.</summary>
    public static async Task<string> PublishAsync(Peer peer, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Artifacts, "publish", Path.GetFileName(peer.Project));
        if (Published.Add(peer.Project))
        {
            await Console.Error.WriteLineAsync($"publishing {peer.Project}");
            await PublishAsync(Path.Combine(Repository.Folder, peer.Project), folder, peer.IsScript, ct);
        }

        return Path.Combine(folder, peer.Program);
    }

    private static async Task PublishAsync(string source, string folder, bool isScript, CancellationToken ct)
    {
        if (isScript)
        {
            await InstallAsync(source, folder, ct);
        }
        else
        {
            string[] arguments =
            [
                "publish", source, "-c", "Release", "-o", folder, "--nologo", "-v", "q",
                "-r", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "-p:PublishReadyToRun=true",
            ];
            await Tool.RunAsync("dotnet", arguments, Repository.Folder, ct);
        }
    }

    // npm may compile SQLite, which takes minutes, so it runs only when the lock file has changed.
    private static async Task InstallAsync(string source, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var installed = Path.Combine(folder, "installed.json");
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"), ct);
        if (!File.Exists(installed) || await File.ReadAllTextAsync(installed, ct) != wanted)
        {
            await Tool.RunAsync("npm", ["ci"], folder, ct);
            await File.WriteAllTextAsync(installed, wanted, ct);
        }
    }
}
