using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace AuthServer.Hardening.Tests;

/// <summary>A route of the running server.</summary>
/// <param name="Method">The method.</param>
/// <param name="Pattern">The path with its parameters in braces.</param>
/// <param name="IsPrivate">True if it requires an access token.</param>
/// <param name="Body">The type of its body; null if it takes none.</param>
internal sealed record Route(string Method, string Pattern, bool IsPrivate, Type? Body)
{
    /// <summary>All routes of a server, so that tests cover a new route without being changed.</summary>
    public static IReadOnlyList<Route> Of(AuthServerApp app) =>
    [
        .. from endpoint in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
           select new Route(
               method,
               "/" + endpoint.RoutePattern.RawText?.TrimStart('/'),
               endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null,
               endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType),
    ];

    /// <summary>The path with a value in place of each parameter.</summary>
    public string PathWith(Func<string, string> value)
    {
        var segments = Pattern.Split('/').Select(segment =>
            segment.StartsWith('{') ? value(segment.Trim('{', '}', '*').Split(':', '?')[0]) : segment);
        return string.Join('/', segments);
    }
}
