using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;

namespace AuthServer.Client;

/// <summary>
/// Keeps the session in a file that only its owner can open, for command-line programs. Safe to share, also between processes. A
/// file that can't be parsed counts as no session: the user logs in again, which replaces it.
/// </summary>
/// <remarks>
/// On Unix the file has mode 0600 from its creation on, and a missing folder is created with 0700. On Windows both inherit the
/// permissions of the parent folder. Choose a folder that no other user can write to, such as one in the user's profile. An empty
/// file ending in <c>.lock</c> beside it keeps processes from writing at the same time. The device token is in a file of the same
/// mode ending in <c>.device</c>, which outlives the session.
/// </remarks>
[UnsupportedOSPlatform("browser")]
public sealed class FileTokenStore : ITokenStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Another process holds the lock for milliseconds. If it hangs, this one fails after 10 seconds.
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(10);
    private const int MaxLockAttempts = 1000;

    private readonly string path;

    /// <summary>Creates a store in the file at <paramref name="path"/>. Neither the file nor its folder has to exist.</summary>
    public FileTokenStore(string path) => this.path = Path.GetFullPath(path);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user.</exception>
    public async ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        return await ReadFileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder belongs to another user.</exception>
    public async ValueTask<bool> TryReplaceAsync(
        StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken)
    {
        CreateFolder();
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        if (await ReadFileAsync(cancellationToken).ConfigureAwait(false) != expected)
        {
            return false;
        }

        if (replacement is null)
        {
            File.Delete(path);
        }
        else
        {
            // Can't be cancelled: the server has already replaced the token that this one follows.
            var json = JsonSerializer.SerializeToUtf8Bytes(replacement, ClientJson.Default.StoredSession);
            await WriteFileAsync(path, json).ConfigureAwait(false);
        }

        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user.</exception>
    public async ValueTask<string?> ReadDeviceTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(DevicePath, cancellationToken).ConfigureAwait(false);
            return text.Length == 0 ? null : text;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder belongs to another user.</exception>
    public async ValueTask WriteDeviceTokenAsync(string deviceToken, CancellationToken cancellationToken)
    {
        CreateFolder();
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        await WriteFileAsync(DevicePath, Encoding.UTF8.GetBytes(deviceToken)).ConfigureAwait(false);
    }

    private string DevicePath => path + ".device";

    private void CreateFolder()
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                return Open(path + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException) && attempts < MaxLockAttempts)
            {
                await Task.Delay(LockPollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<StoredSession?> ReadFileAsync(CancellationToken cancellationToken)
    {
        try
        {
            var json = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(json, ClientJson.Default.StoredSession);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private static async Task WriteFileAsync(string path, byte[] content)
    {
        // Created each time, so that another user chooses neither its mode nor the target of a link.
        var fresh = path + ".new";
        File.Delete(fresh);
        var file = Open(fresh, FileMode.CreateNew);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(content).ConfigureAwait(false);
        }

        File.Move(fresh, path, overwrite: true);
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,

            // The content is on the disk before the file is renamed, so that a power cut leaves no partial content. The rename
            // itself is not flushed: a power cut right after it can bring the older token back.
            Options = FileOptions.WriteThrough,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
