using AuthServer.Core;

namespace AuthServer.Http;

/// <summary>Takes device tokens from requests.</summary>
internal static class DeviceTokens
{
    /// <summary>The header of device tokens, in requests and in answers.</summary>
    public const string Header = "X-Device-Token";

    /// <summary>The cookie of device tokens.</summary>
    public const string Cookie = "__Host-device";

    /// <summary>
    /// The genuine token of a request, from its header, or else from its cookie if a page of a trusted origin sent the request.
    /// Null for none, and for any other. The account may have ended it: <see cref="DeviceToken.IsOf"/> compares.
    /// </summary>
    public static DeviceToken? Of(HttpRequest request)
    {
        var text = request.Headers.TryGetValue(Header, out var header) ? header.ToString()
            : HostCookies.Find(request, Cookie) is { } cookie && TrustedOrigins.AreSourceOf(request) ? cookie
            : null;
        if (text is null)
        {
            return null;
        }

        var services = request.HttpContext.RequestServices;
        return DeviceToken.Parse(
            text, services.GetRequiredService<DeviceKeyRing>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
    }
}
