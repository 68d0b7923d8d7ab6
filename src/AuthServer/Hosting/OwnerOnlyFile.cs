namespace AuthServer.Hosting;

/// <summary>Files and folders that only the server's own account may open: modes 0600 and 0700, except on Windows.</summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder. An existing folder keeps its mode.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, FileMode | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens a file for reading and writing, and creates it if it is missing.</summary>
    public static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = System.IO.FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        return new FileStream(path, options);
    }

    /// <summary>Restricts an existing file to its owner.</summary>
    public static void Close(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, FileMode);
        }
    }

    /// <summary>True if other accounts may read or write a file.</summary>
    public static bool IsReadableByOtherAccounts(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(FileMode | UnixFileMode.UserExecute)) != 0;
}
