using AuthServer.Core;
namespace AuthServer.Storage.Postgres;

/// <summary>A <see cref="KeyFingerprint"/>: the first node that has a key leaves it, and the others compare.</summary>
internal sealed class KeyFingerprintRow
{
    public required string Kind { get; set; }

    public required int Number { get; set; }

    public required byte[] Value { get; set; }
}
