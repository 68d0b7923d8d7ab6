using System.Net;

namespace AuthServer.Core;

/// <summary>
/// Networks that an address is counted with. A customer has one IPv4 address or a small block of them, but an IPv6 network of
/// 64, 56 or 48 bits. Source: RIPE-690 §4.2.
/// </summary>
public static class ClientNetworks
{
    // In bits.
    private static readonly int[] PrefixesOfIPv4 = [32, 24];
    private static readonly int[] PrefixesOfIPv6 = [64, 56, 48];

    /// <summary>
    /// The networks of an address, narrowest first, such as <c>203.0.113.7/32</c> and <c>203.0.113.0/24</c>. An address that is
    /// mapped to IPv6 counts as the IPv4 address. Empty if the address is unknown.
    /// </summary>
    /// <param name="ipAddress">The address in text form; null if it is unknown.</param>
    public static IReadOnlyList<IPNetwork> Of(string? ipAddress) =>
        IPAddress.TryParse(ipAddress, out var address) ? Of(address) : [];

    /// <inheritdoc cref="Of(string?)"/>
    public static IReadOnlyList<IPNetwork> Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        var prefixes = bytes.Length == 4 ? PrefixesOfIPv4 : PrefixesOfIPv6;
        return Array.ConvertAll(prefixes, prefix => Truncate(bytes, prefix));
    }

    /// <summary>
    /// The block of an address, which a household or an office shares: the /24 of IPv4, the /56 of IPv6. Null if the address is
    /// unknown.
    /// </summary>
    /// <param name="ipAddress">The address in text form; null if it is unknown.</param>
    public static IPNetwork? BlockOf(string? ipAddress) => Of(ipAddress) is [_, var block, ..] ? block : null;

    private static IPNetwork Truncate(byte[] address, int prefix)
    {
        var network = new byte[address.Length];
        address.AsSpan(0, prefix / 8).CopyTo(network);
        return new IPNetwork(new IPAddress(network), prefix);
    }
}
