using AuthServer.Core;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>Takes device tokens from requests and sends them.</summary>
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

    /// <summary>Sends a token: as a cookie if what the client holds of its session is one, else in its header.</summary>
    public static void Send(HttpResponse response, string token, TokenTransport? transport)
    {
        if (transport is TokenTransport.Cookie or TokenTransport.Session)
        {
            response.Cookies.Append(Cookie, token, HostCookies.Attributes(DeviceToken.Lifetime));
        }
        else
        {
            response.Headers[Header] = token;
        }
    }
}

/// <summary>Marks a route that takes a device token, and answers with one.</summary>
internal sealed record TakesDeviceToken
{
    /// <summary>The places of the token in a request, for the API reference.</summary>
    public static IEnumerable<OpenApiParameter> Describe()
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        yield return new()
        {
            Name = DeviceTokens.Header,
            In = ParameterLocation.Header,
            Description = "The device token of the last login of this account on this device.",
            Schema = schema,
        };
        yield return new()
        {
            Name = DeviceTokens.Cookie,
            In = ParameterLocation.Cookie,
            Description = "The device token, if there is no header; only from pages of this server or of `Cors:Origins`.",
            Schema = schema,
        };
    }

    /// <summary>The header of an answer with a token, for the API reference.</summary>
    public static OpenApiHeader DescribeAnswer() => new()
    {
        Description = "A device token for the next login. With `transport=cookie` or `session` it is the cookie `__Host-device`.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}

internal static class DeviceTokenRouteExtensions
{
    /// <summary>Shows in the API reference that a route takes a device token and answers with one.</summary>
    public static RouteHandlerBuilder WithDeviceToken(this RouteHandlerBuilder route) =>
        route.WithMetadata(new TakesDeviceToken());
}
