namespace AuthServer.Core;

/// <summary>A value that tells one key from another under the same number and does not disclose the key.</summary>
/// <param name="Kind">The purpose of the key.</param>
/// <param name="Number">The number that tokens name it by.</param>
/// <param name="Value">A MAC under the key.</param>
public sealed record KeyFingerprint(string Kind, byte Number, ReadOnlyMemory<byte> Value);
