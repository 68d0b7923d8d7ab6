using System.Security.Cryptography;
using System.Text;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>The folder of key files <c>root-N.key</c>, each with one key in base64.</summary>
internal sealed class RootKeyFiles(
    IOptions<KeyOptions> options, IOptions<DataOptions> data, IHostEnvironment environment, ILogger<RootKeyFiles> log)
{
    private const string Prefix = "root-";
    private const string Suffix = ".key";
    private const string Drafted = ".new";

    // A second and a half.
    private const int MaxAttempts = 30;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    // Files that an operator makes do not have it.
    private const string Mark = "# Made for one database. Another database needs a key of its own.";

    /// <summary>The folder, absolute.</summary>
    public string Folder { get; } = Path.GetFullPath(
        options.Value.Directory ?? Path.Combine(data.Value.Directory, "keys"), environment.ContentRootPath);

    /// <summary>True if the folder has no key.</summary>
    /// <exception cref="StartupException">The folder can't be read.</exception>
    public bool IsEmpty => Guard("read", () => !Directory.Exists(Folder)
        || !Directory.EnumerateFiles(Folder, "*" + Suffix).Any());

    /// <summary>
    /// Gets the key that the first start is about to make. It is a new one, or that of another start, which was interrupted or
    /// runs beside this one.
    /// </summary>
    /// <exception cref="StartupException">The folder can't be written to.</exception>
    public byte[] Draft(byte number)
    {
        try
        {
            OwnerOnlyFile.CreateDirectory(Folder);
            var path = PathOf(number) + Drafted;
            using var file = WhenFree(() => OwnerOnlyFile.Open(path, FileShare.None));
            using var reader = new StreamReader(file);
            if (reader.ReadToEnd() is var text && text.EndsWith(Mark + "\n", StringComparison.Ordinal))
            {
                return Parse(text, path);
            }

            if (File.Exists(PathOf(number)))
            {
                File.Delete(path);
                return ReadKey(PathOf(number));
            }

            var key = RandomNumberGenerator.GetBytes(RootKeyRing.KeyLength);
            Write(file, $"{Convert.ToBase64String(key)}\n{Mark}\n");
            return key;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure("made");
        }
    }

    /// <summary>True if a start has drafted a key and did not publish it.</summary>
    public bool HasDraft(byte number) => File.Exists(PathOf(number) + Drafted);

    /// <summary>Makes the drafted key one of the folder, once the database knows it.</summary>
    /// <exception cref="StartupException">The folder can't be written to.</exception>
    public void Publish(byte number) => Guard("made", () =>
    {
        var path = PathOf(number);
        try
        {
            File.Move(path + Drafted, path);
            log.KeyMade(path);
        }
        catch (FileNotFoundException) when (File.Exists(path))
        {
            // Another start has published it.
        }

        return path;
    });

    /// <summary>Reads the keys by number.</summary>
    /// <exception cref="StartupException">There is no key, or one is unfit.</exception>
    public Dictionary<byte, byte[]> Read() => Guard("read", () =>
    {
        if (Directory.EnumerateFiles(Folder, "*" + Suffix)
            .FirstOrDefault(path => !Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal)) is { } foreign)
        {
            throw new StartupException(
                $"{foreign} is no root key, and keys of other kinds are no longer files; empty the folder to start anew, which "
                + "logs all users out.");
        }

        return Directory.EnumerateFiles(Folder, Prefix + "*" + Suffix).ToDictionary(
            path => KeyMaterial.ParseId(Path.GetFileNameWithoutExtension(path)[Prefix.Length..], path), ReadKey);
    });

    /// <summary>True if a key was made by a server for its database, and not by an operator.</summary>
    public bool IsMadeForDatabase(byte number) =>
        File.Exists(PathOf(number)) && ReadText(PathOf(number)).Contains(Mark, StringComparison.Ordinal);

    public string PathOf(byte number) => Path.Combine(Folder, $"{Prefix}{number}{Suffix}");

    private byte[] ReadKey(string path)
    {
        if (OwnerOnlyFile.IsReadableByOtherAccounts(path))
        {
            log.KeyFileReadable(path);
        }

        return Parse(ReadText(path), path);
    }

    private static void Write(FileStream file, string text)
    {
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private static byte[] Parse(string text, string path) =>
        KeyMaterial.Parse(text.Replace(Mark, "", StringComparison.Ordinal), path);

    private static string ReadText(string path) => WhenFree(() => File.ReadAllText(path));

    // A start beside this one may hold the draft, also when its file has just become the key.
    private static T WhenFree<T>(Func<T> open)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return open();
            }
            catch (IOException exception) when (attempt < MaxAttempts && exception.GetType() == typeof(IOException))
            {
                Thread.Sleep(RetryInterval);
            }
        }
    }

    private T Guard<T>(string deed, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(deed);
        }
    }

    private StartupException Failure(string deed) =>
        new($"The keys in {Folder} can't be {deed}; correct its permissions, or set Keys:Directory.");
}
