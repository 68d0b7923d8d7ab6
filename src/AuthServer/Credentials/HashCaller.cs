using System.Net;
using AuthServer.Core;

namespace AuthServer.Credentials;

/// <summary>The caller that a password is hashed for, as far as the order of the queue depends on it.</summary>
/// <param name="IpAddress">The IP address in text form; null if it is unknown.</param>
/// <param name="IsKnownDevice">True if the request comes from a device that has logged in before.</param>
internal readonly record struct HashCaller(string? IpAddress, bool IsKnownDevice)
{
    /// <summary>
    /// The widest network of the address: networks share the threads. All unknown addresses are one network.
    /// </summary>
    public IPNetwork Network => ClientNetworks.Of(IpAddress) is [.., var widest] ? widest : default;
}
