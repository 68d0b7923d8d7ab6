using AuthServer.Core;
namespace AuthServer.Storage.Postgres;

/// <summary>
/// A <see cref="KeyFingerprint"/>. The first node that has a key stores it, and later ones compare theirs with it.
/// </summary>
internal sealed class KeyFingerprintRow
{
    public required string Kind { get; set; }

    public required int Number { get; set; }

    public required byte[] Value { get; set; }
}
