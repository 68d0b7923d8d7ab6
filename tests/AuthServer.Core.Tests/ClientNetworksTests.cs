namespace AuthServer.Core.Tests;

public sealed class ClientNetworksTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7/32 203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7/32 203.0.113.0/24")]
    [InlineData("2001:db8:1234:5678:9abc::1", "2001:db8:1234:5678::/64 2001:db8:1234:5600::/56 2001:db8:1234::/48")]
    [InlineData("fe80::1%3", "fe80::/64 fe80::/56 fe80::/48")]
    [InlineData(null, "")]
    [InlineData("unix:/run/socket", "")]
    public void Address_is_counted_with_its_networks(string? address, string networks) =>
        Assert.Equal(networks, string.Join(' ', ClientNetworks.Of(address)));
}
