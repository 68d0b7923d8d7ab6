namespace AuthServer.Storage;

/// <summary>What tells one key from another under the same number without telling the key.</summary>
/// <param name="Kind">What the key is for.</param>
/// <param name="Number">The number that tokens name it by.</param>
/// <param name="Value">A MAC under the key.</param>
internal sealed record KeyCheck(string Kind, byte Number, byte[] Value);
