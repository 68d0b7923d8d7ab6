using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace AuthServer.Core;

/// <summary>A key of HMAC-SHA256 that is set up once instead of for each token. Safe to share.</summary>
internal sealed class MacKey(byte[] key)
{
    private readonly ConcurrentBag<IncrementalHash> idle = [];

    /// <summary>Writes the 32 bytes that authenticate <paramref name="source"/> under this key. Source: RFC 2104.</summary>
    public void Authenticate(ReadOnlySpan<byte> source, Span<byte> mac)
    {
        var hash = idle.TryTake(out var kept) ? kept : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(source);
        hash.GetHashAndReset(mac);
        idle.Add(hash);
    }
}
