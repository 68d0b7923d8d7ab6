using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace AuthServer.Tests.Support;

/// <summary>The addresses of a server with their methods, as it has mapped them.</summary>
public static partial class RouteTable
{
    /// <summary>
    /// An address of each route, with <paramref name="value"/> for its parameters, and all its methods. Those of another route
    /// are among them if its parameter may have the same text.
    /// </summary>
    public static IReadOnlyList<(string Path, IReadOnlyList<string> Methods)> Of(AuthServerApp app, string value)
    {
        var routes = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .ToLookup(route => "/" + route.RoutePattern.RawText!.TrimStart('/'));
        return
        [
            .. routes.Select(route => Parameter.Replace(route.Key, value)).Select(path => (path, MethodsOf(path))),
        ];

        IReadOnlyList<string> MethodsOf(string path) =>
        [
            .. routes.Where(route => Regex.IsMatch(path, $"^{Parameter.Replace(route.Key, "[^/]+")}$"))
                .SelectMany(route => route)
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
                .Distinct().Order(),
        ];
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter { get; }
}
