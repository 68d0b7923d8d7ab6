using AuthServer.Core;

namespace AuthServer.Http;

internal static class ClientInfos
{
    private const int LongestUserAgent = 256;

    /// <summary>
    /// The address and the program that sent a request. A proxy of <c>Proxies:Known</c> is believed about the address.
    /// </summary>
    public static ClientInfo ClientInfo(this HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        var userAgent = DisplayText.Clip(context.Request.Headers.UserAgent.ToString(), LongestUserAgent);
        return new ClientInfo(
            (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(),
            userAgent.Length == 0 ? null : userAgent);
    }
}
