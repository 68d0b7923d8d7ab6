namespace AuthServer.Core;

/// <summary>
/// Methods by which a user can prove an identity. Source: RFC 8176 for the values of the claim <c>amr</c>. The numbers are
/// stored: never reuse one.
/// </summary>
[Flags]
public enum AuthenticationMethods
{
    /// <summary>A password: <c>pwd</c>.</summary>
    Password = 1,

    /// <summary>A login at another provider: <c>ext</c>, which is not in the RFC.</summary>
    External = 2,

    /// <summary>The link of a mail: <c>mail</c>, which is not in the RFC.</summary>
    Mail = 4,

    /// <summary>A code of an authenticator app, or a recovery code: <c>otp</c>.</summary>
    OneTimePassword = 8,

    /// <summary>A passkey that stays on its device: <c>hwk</c>.</summary>
    HardwareKey = 16,

    /// <summary>A passkey that is synced to other devices: <c>swk</c>.</summary>
    SoftwareKey = 32,

    /// <summary>More than one factor, here or at another provider that is trusted for it: <c>mfa</c>.</summary>
    MultiFactor = 64,
}

/// <summary>A proof of identity by any method. A session opens by one that <see cref="LoginDecision"/> accepts.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Methods">The methods that were used.</param>
/// <param name="At">The moment of the proof: the claim <c>auth_time</c>.</param>
/// <param name="SecurityStamp">
/// The account's security stamp when the proof was made. A proof is void once the stamp has changed.
/// </param>
public sealed record AuthenticationProof(Guid UserId, AuthenticationMethods Methods, DateTimeOffset At, Guid SecurityStamp);
