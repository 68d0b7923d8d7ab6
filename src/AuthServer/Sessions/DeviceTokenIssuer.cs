using AuthServer.Core;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Issues the device tokens of logins that no attempt is counted for. Safe to share.</summary>
internal sealed class DeviceTokenIssuer(ServerKeys keys, TimeProvider clock)
{
    /// <summary>Issues the device token for later logins. A device that the account knows keeps its id.</summary>
    /// <param name="presented">The genuine device token that came along; null if there was none.</param>
    /// <param name="proof">The proof of the login.</param>
    public string Issue(DeviceToken? presented, AuthenticationProof proof)
    {
        var id = presented?.IsOf(proof.UserId, proof.SecurityStamp, keys.Devices) is true ? presented.DeviceId : Guid.NewGuid();
        return DeviceToken.Issue(id, proof.UserId, proof.SecurityStamp, clock.GetUtcNow(), keys.Devices).Encode(keys.Devices);
    }
}
