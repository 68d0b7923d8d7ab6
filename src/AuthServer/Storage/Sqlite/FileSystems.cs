namespace AuthServer.Storage.Sqlite;

/// <summary>Reads the type of the file system that a file is or will be in. Empty if the system does not say it.</summary>
internal delegate string FileSystemType(string file);

/// <summary>Judges the types of file systems as places of a database, by the names that the system gives them.</summary>
internal static class FileSystems
{
    // The log needs memory that all processes share, which a network does not give. Source: sqlite.org/wal.html.
    private static readonly string[] OverNetwork =
    [
        "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "coda", "ncpfs",
        "ceph", "lustre", "beegfs", "gpfs", "glusterfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse",
        "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.goofys", "fuse.juicefs", "fuse.mountpoint-s3",
        "fuse.blobfuse", "fuse.blobfuse2", "fuse.smbnetfs", "fuse.curlftpfs",
    ];

    // Of virtual machines and containers that pass a folder of their host through, and of memory.
    private static readonly string[] Doubtful =
        ["9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fakeowner", "fuse", "tmpfs", "ramfs"];

    // Local disks behind FUSE.
    private static readonly string[] LocalFuse = ["fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs"];

    /// <summary>Reads the type of the file system that a file is or will be in. Empty if the system does not say it.</summary>
    public static string TypeOf(string file)
    {
        var folder = Path.GetDirectoryName(file);
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        try
        {
            var drive = new DriveInfo(folder ?? file);
            return OperatingSystem.IsWindows() && drive.DriveType == DriveType.Network ? "smb" : drive.DriveFormat;
        }
        catch (ArgumentException)
        {
            // A path of Windows that begins with the name of a server.
            return "smb";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>True if a database can't be there.</summary>
    public static bool IsOverNetwork(string type) => OverNetwork.Contains(type, StringComparer.OrdinalIgnoreCase);

    /// <summary>True if a database can be there, but a commit may not survive a power cut.</summary>
    public static bool IsDoubtful(string type) =>
        Doubtful.Contains(type, StringComparer.OrdinalIgnoreCase)
        || (type.StartsWith("fuse.", StringComparison.OrdinalIgnoreCase) && !IsOverNetwork(type)
            && !LocalFuse.Contains(type, StringComparer.OrdinalIgnoreCase));
}
