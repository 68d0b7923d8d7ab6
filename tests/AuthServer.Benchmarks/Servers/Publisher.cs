using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AuthServer.Benchmarks.Servers;

/// <summary>Publishes servers as they would be deployed, all compiled for this machine, which starts sooner.</summary>
internal static class Publisher
{
    /// <summary>Publishes a server; returns its program.</summary>
    public static async Task<string> PublishAsync(Peer peer, CancellationToken ct)
    {
        var folder = FolderOf(peer);
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Folder, peer.Project), "-c", "Release", "-o", folder, "--nologo", "-v", "q",
            "-r", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "-p:PublishReadyToRun=true",
        ];
        await RunAsync("dotnet", arguments, ct);
        return Path.Combine(folder, peer.Program);
    }

    private static string FolderOf(Peer peer) => Path.Combine(Repository.Artifacts, "publish", peer.Name);

    private static async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
        }
    }
}
