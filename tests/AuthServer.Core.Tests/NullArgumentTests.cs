using System.Net;

namespace AuthServer.Core.Tests;

/// <summary>Arguments that must not be null: each is refused by its own name, before anything is decided.</summary>
public sealed class NullArgumentTests
{
    private static readonly SessionPolicy Policy = new();

    private static readonly SessionState Ended = new()
    {
        Generation = 0,
        CreatedAt = Some.Login,
        RotatedAt = Some.Login,
        EndReason = EndReason.Logout,
    };

    public static TheoryData<string, Action> Calls => new()
    {
        { "address", () => ClientNetworks.Of((IPAddress)null!) },
        { "text", () => DisplayText.Clip(null!, 1) },
        { "text", () => EmailAddress.IsValid(null!) },
        { "proof", () => LoginDecision.Decide(null!, new(default, default), new()) },
        { "password", () => PasswordPolicy.Normalize(null!) },
        { "keys", () => _ = new RootKeyRing(null!) },
        { "root", () => _ = new RefreshKeyRing(null!) },
        { "root", () => _ = new DeviceKeyRing(null!) },
        { "root", () => _ = new FailureKeys(null!) },
        { "keys", () => new RefreshToken(Some.Session, 0).Encode(null!) },
        { "keys", () => RefreshToken.TryParse(new HandmadeToken().ToString(), null!, out _) },
        { "role", () => RoleName.IsValid(null!) },
        { "policy", () => Rotation.Decide(Ended, 0, Some.Login, null!) },
        { "live", () => SessionAdmission.Admit(null!, Policy) },
        { "policy", () => SessionAdmission.Admit([], null!) },
        { "text", () => Username.Normalize(null!) },
    };

    [Theory]
    [MemberData(nameof(Calls), DisableDiscoveryEnumeration = true)]
    public void Null_is_refused_by_name_of_its_parameter(string parameter, Action call) =>
        Assert.Throws<ArgumentNullException>(parameter, call);
}
