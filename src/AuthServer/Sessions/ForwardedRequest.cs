using System.Buffers;
using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Sessions;

/// <summary>A request to an application, as its proxy describes it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Origin">The origin of the application.</param>
/// <param name="Path">Path and query.</param>
internal sealed record ForwardedRequest(string Method, string Origin, string Path)
{
    private const string MethodHeader = "X-Forwarded-Method";
    private const string HostHeader = "X-Forwarded-Host";
    private const string UriHeader = "X-Forwarded-Uri";

    private static readonly string[] Required = [MethodHeader, HostHeader, UriHeader];
    private static readonly SearchValues<char> NoPartOfHost = SearchValues.Create("/?#@\\");

    /// <summary>The address of the request.</summary>
    public string Address => Origin + Path;

    /// <summary>True if the request only reads.</summary>
    public bool IsRead => HttpMethods.IsGet(Method) || HttpMethods.IsHead(Method);

    /// <summary>
    /// Reads the description from a question of a proxy. Refuses with <see cref="ErrorCode.InvalidRequest"/> if a part is absent,
    /// or is not from a known proxy.
    /// </summary>
    public static Outcome<ForwardedRequest> Of(HttpContext context, KnownProxies proxies)
    {
        if (!proxies.HasSent(context))
        {
            return Refusal.OfField("proxy", "Only a proxy of Proxies:Known may ask.");
        }

        var headers = context.Request.Headers;
        foreach (var name in Required)
        {
            if (headers[name] is not [{ Length: > 0 }])
            {
                return Refusal.OfField(name, "Is required, once.");
            }
        }

        var host = headers[HostHeader].ToString();
        var origin = $"{context.Request.Scheme}://{host}";
        var path = headers[UriHeader].ToString();
        if (host.AsSpan().ContainsAny(NoPartOfHost) || !Uri.TryCreate(origin, UriKind.Absolute, out _))
        {
            return Refusal.OfField(HostHeader, "Must be a host.");
        }

        return path[0] != '/'
            ? Refusal.OfField(UriHeader, "Must begin with a slash.")
            : new ForwardedRequest(headers[MethodHeader].ToString(), origin, path);
    }
}
