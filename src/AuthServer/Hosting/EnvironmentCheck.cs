using System.Buffers.Text;
using AuthServer.Core;

namespace AuthServer.Hosting;

/// <summary>Checks of what the machine gives to this process.</summary>
internal static class EnvironmentCheck
{
    /// <summary>Number of files below which a busy balancer could have more connections than the server can accept.</summary>
    public const int FewOpenFiles = 4096;

    // The runtime keeps some 260 open to start, and reports a missing file if it can't.
    private const int LeastOpenFiles = 512;

    /// <summary>Checks what nothing works without: files, and the tables of Unicode.</summary>
    /// <exception cref="StartupException">The server would not start, or would make two accounts of one name.</exception>
    public static void ThrowIfUnusable()
    {
        if (ReadOpenFileLimit() is < LeastOpenFiles and var limit)
        {
            throw new StartupException(
                $"This process may open {limit} files, too few to start; "
                + "raise the limit to 65536 (LimitNOFILE= of systemd, or ulimit -n).");
        }

        // One address, which a process without the tables of ICU leaves as it is.
        if (Username.Normalize("E\u0301va@B\u00FCcher.example") != "\u00E9va@xn--bcher-kva.example")
        {
            throw new StartupException(
                "This process can't compare user names in Unicode, because globalization is invariant; "
                + "install ICU (libicu) and remove DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        }
    }

    /// <summary>Reads the number of files that this process may open; null if the system does not limit or say it.</summary>
    public static int? ReadOpenFileLimit()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            using var file = File.OpenHandle("/proc/self/limits");
            Span<byte> text = stackalloc byte[4096];
            text = text[..RandomAccess.Read(file, text, fileOffset: 0)];
            var label = "Max open files"u8;
            var limit = text[(text.IndexOf(label) + label.Length)..].TrimStart((byte)' ');
            return Utf8Parser.TryParse(limit, out int files, out _) ? files : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder is not there, as in some sandboxes.
            return null;
        }
    }
}
