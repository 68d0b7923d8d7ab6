using AuthServer.Core;

namespace AuthServer.Passkeys;

/// <summary>A ceremony that has begun.</summary>
/// <param name="Options">The options for the browser, as JSON of Web Authentication Level 3.</param>
/// <param name="Ceremony">The text that the answer is verified by, in clear.</param>
internal sealed record BegunCeremony(string Options, string Ceremony);

/// <summary>A credential as a client presents it.</summary>
/// <param name="Json">The JSON of Web Authentication Level 3.</param>
/// <param name="Ceremony">The text that it is verified by.</param>
internal sealed record PresentedCredential(string Json, string Ceremony);

/// <summary>A credential whose registration was verified.</summary>
/// <param name="UserId">The account that it was made for.</param>
/// <param name="CredentialId">The id that the authenticator gave it.</param>
/// <param name="PublicKey">The public key in the form of COSE.</param>
/// <param name="SignCount">The counter; 0 if the authenticator has none.</param>
/// <param name="Transports">The ways to reach the authenticator.</param>
/// <param name="IsBackupEligible">True if the authenticator may copy it to other devices.</param>
/// <param name="IsBackedUp">True if it has been copied to other devices.</param>
internal sealed record RegisteredCredential(
    string UserId,
    byte[] CredentialId,
    byte[] PublicKey,
    uint SignCount,
    IReadOnlyList<string> Transports,
    bool IsBackupEligible,
    bool IsBackedUp);

/// <summary>A passkey whose signature was verified, by a counter that was not.</summary>
/// <param name="PasskeyId">The row of the passkey.</param>
/// <param name="UserId">Its account.</param>
/// <param name="SecurityStamp">The security stamp of the account.</param>
/// <param name="StoredSignCount">The counter of its newest signature before.</param>
/// <param name="SignCount">The counter of the signature.</param>
/// <param name="IsBackedUp">True if it has been copied to other devices.</param>
internal sealed record AssertedCredential(
    Guid PasskeyId, Guid UserId, Guid SecurityStamp, long StoredSignCount, uint SignCount, bool IsBackedUp);

/// <summary>The ceremonies of Web Authentication. They only read, and nothing is used up. Safe to share.</summary>
internal interface IPasskeyCeremonies
{
    /// <summary>Begins a registration. The user's passkeys are excluded.</summary>
    Task<BegunCeremony> BeginRegistrationAsync(Guid userId, string username, string displayName, CancellationToken ct);

    /// <summary>Begins a proof: by the passkeys of a user, or by any without one. Null if there is no such user.</summary>
    Task<BegunCeremony?> BeginProofAsync(Guid? userId, CancellationToken ct);

    /// <summary>Verifies a registration. Null if it is refused.</summary>
    /// <exception cref="UnavailableException">The database can't be read.</exception>
    Task<RegisteredCredential?> VerifyRegistrationAsync(PresentedCredential presented, CancellationToken ct);

    /// <summary>Verifies a proof, except for its counter. Null if it is refused.</summary>
    /// <exception cref="UnavailableException">The database can't be read.</exception>
    Task<AssertedCredential?> VerifyProofAsync(PresentedCredential presented, CancellationToken ct);
}
