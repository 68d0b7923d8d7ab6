using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>ForwardAuth</c>.</summary>
internal sealed class ForwardAuthOptions
{
    /// <summary>True to answer proxies that guard applications; false unless set.</summary>
    public bool Enabled { get; set; }

    /// <summary>The claim <c>aud</c> of tokens for the applications; empty unless set, for no tokens.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Origins of the applications, to which a login may return; as browsers write them.</summary>
    public string[] Origins { get; set; } = [];
}

/// <summary>
/// The addresses that a login may return to: those of this server, of <c>Cors:Origins</c> and of <c>ForwardAuth:Origins</c>. Safe
/// to share.
/// </summary>
internal sealed class ReturnAddresses(IOptions<CrossOriginOptions> pages, IOptions<ForwardAuthOptions> applications)
{
    /// <summary>The query parameter of such an address.</summary>
    public const string Parameter = "return_to";

    /// <summary>The parameter in the API reference.</summary>
    public static readonly QueryText Described = new(
        Parameter,
        "The address to come back to: of this server, which is the default, of `Cors:Origins` or of `ForwardAuth:Origins`.");

    /// <summary>True if a login may return to an address.</summary>
    /// <param name="address">The address, as given.</param>
    /// <param name="own">The origin of this server.</param>
    public bool Allow(string address, string own) =>
        IsPlain(address)
        && (IsOf(own, address)
            || Array.Exists(pages.Value.Origins, origin => IsOf(origin, address)) || IsOfApplication(address));

    /// <summary>
    /// The address that a login is to return to: that of the query, or else the page of this server. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/>.
    /// </summary>
    public Outcome<string> Of(HttpRequest request) =>
        !request.Query.TryGetValue(Parameter, out var given) ? LoginPageOf(request)
        : given is [{ } address] && Allow(address, TrustedOrigins.OwnOf(request)) ? address
        : Refusal.OfField(Parameter, "Must be an address of this server, of Cors:Origins or of ForwardAuth:Origins.");

    /// <summary>The page of this server.</summary>
    public static string LoginPageOf(HttpRequest request) => $"{TrustedOrigins.OwnOf(request)}{request.PathBase}/";

    /// <summary>True if an address is of an application that a proxy guards.</summary>
    public bool IsOfApplication(string address) =>
        IsPlain(address) && Array.Exists(applications.Value.Origins, origin => IsOf(origin, address));

    // Compared as text: after a literal origin and one of these characters, no reader takes the rest for a part of the origin.
    private static bool IsOf(string origin, string address) =>
        address.StartsWith(origin, StringComparison.Ordinal)
        && (address.Length == origin.Length || address[origin.Length] is '/' or '?' or '#');

    // Browsers drop tabs and line breaks, and take a backslash for a slash.
    private static bool IsPlain(string address) => address.All(c => c is > ' ' and < '\u007f' and not '\\');
}

internal static class ReturnAddressesExtensions
{
    public static void AddReturnAddresses(this IServiceCollection services)
    {
        services.AddValidatedOptions<ForwardAuthOptions>("ForwardAuth").Validate(
            o => Array.TrueForAll(o.Origins, TrustedOrigins.IsOrigin),
            "ForwardAuth:Origins has an entry that is no origin; write them as browsers do, such as https://app.example.com: "
            + "in lower case, without a usual port, a path or a slash at the end. Wildcards are not supported.");
        services.AddSingleton<ReturnAddresses>();
    }
}
