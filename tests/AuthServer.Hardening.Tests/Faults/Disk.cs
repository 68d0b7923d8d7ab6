using System.Diagnostics;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>A small disk in memory, mounted on a folder until disposal.</summary>
internal sealed class Disk : IDisposable
{
    private readonly string folder;

    private Disk(string folder) => this.folder = folder;

    private string Filler => Path.Combine(folder, "filler");

    /// <summary>Mounts a disk. Null if this account may not mount.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="megabytes">The size.</param>
    public static Disk? TryMount(string folder, int megabytes) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
        && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "tmpfs", folder)
            ? new Disk(folder)
            : null;

    /// <summary>Writes a file until the disk is full.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var block = new byte[4096]; ;)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // The disk is full.
        }
    }

    /// <summary>Removes the file that fills the disk.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose() => Run("umount", "--lazy", folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
