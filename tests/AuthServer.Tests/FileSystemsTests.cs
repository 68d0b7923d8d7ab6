using AuthServer.Storage.Sqlite;

namespace AuthServer.Tests;

public sealed class FileSystemsTests
{
    [Theory]
    [InlineData("nfs4", true, false)]
    [InlineData("cifs", true, false)]
    [InlineData("smb3", true, false)]
    [InlineData("NFS", true, false)]
    [InlineData("ceph", true, false)]
    [InlineData("fuse.sshfs", true, false)]
    [InlineData("fuse.rclone", true, false)]
    [InlineData("9p", false, true)]
    [InlineData("virtiofs", false, true)]
    [InlineData("tmpfs", false, true)]
    [InlineData("fuse", false, true)]
    [InlineData("fuse.gocryptfs", false, true)]
    [InlineData("fuseblk", false, false)]
    [InlineData("fuse.fuse-overlayfs", false, false)]
    [InlineData("ext4", false, false)]
    [InlineData("xfs", false, false)]
    [InlineData("btrfs", false, false)]
    [InlineData("zfs", false, false)]
    [InlineData("overlay", false, false)]
    [InlineData("apfs", false, false)]
    [InlineData("NTFS", false, false)]
    [InlineData("", false, false)]
    public void Type_of_file_system_decides(string type, bool isOverNetwork, bool isDoubtful)
    {
        Assert.Equal(isOverNetwork, FileSystems.IsOverNetwork(type));
        Assert.Equal(isDoubtful, FileSystems.IsDoubtful(type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("missing/folder")]
    public void Type_of_missing_file_is_that_of_nearest_folder(string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, which has this folder");
        Assert.Equal("proc", FileSystems.TypeOf(Path.Combine("/proc", folder, "authserver.db")));
    }
}
