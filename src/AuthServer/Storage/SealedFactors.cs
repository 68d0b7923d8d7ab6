using System.Security.Cryptography;
using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A secret of a second factor as it is stored.</summary>
/// <param name="Value">The <see cref="SealedValue"/>.</param>
/// <param name="RootKey">The root key that it is sealed under.</param>
internal sealed record SealedFactor(byte[] Value, int RootKey)
{
    /// <summary>The place of the secret of an authenticator app.</summary>
    public static SealedPlace PlaceOfTotp(Guid userId) => new("totp", "", userId.ToString(), "sha1");

    /// <summary>The place of the hash of a recovery code.</summary>
    public static SealedPlace PlaceOfCode(Guid id, Guid userId) =>
        new("recovery code", id.ToString(), userId.ToString(), "sha256");

    /// <summary>Seals a secret under the root key that creates.</summary>
    public static SealedFactor Seal(ReadOnlySpan<byte> secret, SealedPlace place, RootKeyRing root)
    {
        var nonce = RandomNumberGenerator.GetBytes(SealedValue.NonceLength);
        return new(SealedValue.Seal(secret, place, nonce, root), root.Current);
    }
}

/// <summary>A new recovery code.</summary>
/// <param name="Text">The code, which is shown once.</param>
/// <param name="Id">The id of its row.</param>
/// <param name="Sealed">Its hash as it is stored.</param>
internal sealed record NewRecoveryCode(string Text, Guid Id, SealedFactor Sealed)
{
    /// <summary>Makes the codes of an account.</summary>
    public static IReadOnlyList<NewRecoveryCode> Make(Guid userId, RootKeyRing root) =>
        [.. Enumerable.Range(0, RecoveryCode.Count).Select(_ => MakeOne(userId, root))];

    private static NewRecoveryCode MakeOne(Guid userId, RootKeyRing root)
    {
        var text = RecoveryCode.Write(RandomNumberGenerator.GetBytes(RecoveryCode.SecretLength));
        var (id, hash) = (Guid.NewGuid(), RecoveryCode.HashOf(RecoveryCode.Parse(text)!, userId));
        return new(text, id, SealedFactor.Seal(hash, SealedFactor.PlaceOfCode(id, userId), root));
    }
}
