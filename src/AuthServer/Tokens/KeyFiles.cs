using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;

namespace AuthServer.Tokens;

/// <summary>A folder of key files <c>access-N.key</c> and <c>refresh-N.key</c>, each with one key in base64.</summary>
internal sealed class KeyFiles(string directory, ILogger log)
{
    public const string Access = "access";
    public const string Refresh = "refresh";

    /// <summary>Makes one random key of each kind if the folder has no key at all.</summary>
    /// <exception cref="StartupException">The folder can't be written to.</exception>
    public void FillIfEmpty()
    {
        try
        {
            OwnerOnlyFile.CreateDirectory(directory);
            if (!Directory.EnumerateFiles(directory, "*.key").Any())
            {
                Write(Access);
                Write(Refresh);
                log.KeysMade(directory);
            }

            // Both are written before the first one is renamed. So if an interrupted start renamed one alone, the other is
            // complete.
            string[] kinds = [Access, Refresh];
            foreach (var kind in kinds.Where(kind => File.Exists(NewPathOf(kind)) && !File.Exists(PathOf(kind))))
            {
                File.Move(NewPathOf(kind), PathOf(kind));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Keys can't be made in {directory}; correct its permissions, or set Keys:Directory.");
        }
    }

    /// <summary>Reads the keys of a kind by number.</summary>
    /// <exception cref="StartupException">There is no key of this kind, or one is unfit.</exception>
    public Dictionary<byte, byte[]> Read(string kind)
    {
        try
        {
            var keys = Directory.EnumerateFiles(directory, kind + "-*.key").ToDictionary(
                path => KeyMaterial.ParseId(Path.GetFileNameWithoutExtension(path)[(kind.Length + 1)..], path), ReadKey);
            return keys.Count > 0
                ? keys
                : throw new StartupException(
                    $"{directory} has no {kind}-1.key; restore it, or empty the folder to start anew, which logs all users out.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The keys in {directory} can't be read; correct their permissions, or set Keys:Directory.");
        }
    }

    private byte[] ReadKey(string path)
    {
        if (OwnerOnlyFile.IsReadableByOtherAccounts(path))
        {
            log.KeyFileReadable(path);
        }

        return KeyMaterial.Parse(File.ReadAllText(path), path);
    }

    // Under another name first, so that an interrupted start leaves no incomplete key.
    private void Write(string kind)
    {
        using var file = OwnerOnlyFile.Open(NewPathOf(kind), FileShare.None);
        file.Write(System.Text.Encoding.ASCII.GetBytes(
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(RefreshKeyRing.MinimumKeyLength)) + "\n"));
        file.Flush(flushToDisk: true);
    }

    private string PathOf(string kind) => Path.Combine(directory, kind + "-1.key");

    private string NewPathOf(string kind) => PathOf(kind) + ".new";
}
