namespace AuthServer.Core;

/// <summary>A value that distinguishes keys of the same number without disclosing them.</summary>
/// <param name="Kind">The purpose of the key.</param>
/// <param name="Number">The number that tokens name it by.</param>
/// <param name="Value">A MAC under the key.</param>
public sealed record KeyFingerprint(string Kind, byte Number, ReadOnlyMemory<byte> Value);
