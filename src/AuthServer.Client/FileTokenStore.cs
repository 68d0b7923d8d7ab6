using System.Text.Json;

namespace AuthServer.Client;

/// <summary>
/// Keeps the session in a file that its owner alone may open, for command-line programs. Processes may share it. A file that can't
/// be understood counts as none: the user logs in again, which replaces it.
/// </summary>
/// <remarks>
/// On Unix the file has mode 0600 from the moment it exists, and a missing folder is made with 0700; on Windows both inherit the
/// rights of the folder above. Choose a folder that nobody else may write to, such as one in the
/// user's profile. Beside the file lies an empty one ending in <c>.lock</c>, which
/// keeps processes out of one another's way.
/// </remarks>
public sealed class FileTokenStore : ITokenStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Another process holds the lock for milliseconds; one that hangs must not hang us for good.
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);
    private const int LockTries = 1000;

    private readonly string path;

    /// <summary>A store in the file at <paramref name="path"/>; neither it nor its folder need exist.</summary>
    public FileTokenStore(string path) => this.path = Path.GetFullPath(path);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is somebody else's.</exception>
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
    /// <exception cref="UnauthorizedAccessException">The file or its folder is somebody else's.</exception>
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
            await WriteFileAsync(replacement).ConfigureAwait(false);
        }

        return true;
    }

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
        for (var tries = 1; ; tries++)
        {
            try
            {
                return Open(path + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException) && tries < LockTries)
            {
                await Task.Delay(LockPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<StoredSession?> ReadFileAsync(CancellationToken cancellationToken)
    {
        try
        {
            var json = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(json, Wire.Default.StoredSession);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    // Not to be cancelled half-way: the server has already forgotten the token that this one replaces.
    private async Task WriteFileAsync(StoredSession session)
    {
        // Made anew each time, so that neither its mode nor what it points to is anybody else's choice.
        var fresh = path + ".new";
        File.Delete(fresh);
        var file = Open(fresh, FileMode.CreateNew);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(session, Wire.Default.StoredSession)).ConfigureAwait(false);
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

            // The content is on the disk before it is renamed, so that a power cut leaves no half of it. The renaming itself is not
            // waited for: a power cut right after it can bring the older token back.
            Options = FileOptions.WriteThrough,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
