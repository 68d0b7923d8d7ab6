using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AuthServer.Tests.Support;

/// <summary>A proxy that guards an application, and asks the server about each request to it.</summary>
internal sealed class GuardingProxy(AuthServerApp app)
{
    /// <summary>Its address, which the server has to know.</summary>
    public const string Address = "10.0.0.1";

    /// <summary>The origin of the application.</summary>
    public const string Application = "https://" + Host;

    private const string Host = "app.example.com";

    private readonly HttpClient http = app.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });

    /// <summary>A server that knows the proxy and the application, and trusts a page of another origin.</summary>
    public static AuthServerApp CreateServer() => new(
        ClientAddresses.AddTo,
        ("ForwardAuth:Enabled", "true"),
        ("ForwardAuth:Audience", "application"),
        ("ForwardAuth:Origins:0", Application),
        ("Cors:Origins:0", "https://page.example.com"),
        ("Proxies:Known:0", "10.0.0.0/24"));

    /// <summary>Asks about a request. A part of its description that is null is left out.</summary>
    /// <param name="cookie">The session cookie of the request; null for none.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="host">The host of the application.</param>
    /// <param name="query">The query of the question itself.</param>
    /// <param name="uri">Path and query of the request.</param>
    /// <param name="sender">The address that the question comes from.</param>
    /// <param name="headers">Other headers of the request.</param>
    public async Task<HttpResponseMessage> AskAsync(
        string? cookie,
        string? method = "GET",
        string? host = Host,
        string query = "",
        string? uri = "/board?page=2&sort=new",
        string? sender = Address,
        params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/forward-auth" + query);
        (string Name, string? Value)[] description =
        [
            ("Test-Client-Address", sender), ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Method", method), ("X-Forwarded-Host", host), ("X-Forwarded-Uri", uri),
            ("Cookie", cookie is null ? null : $"{SessionBrowser.CookieName}={cookie}"),
        ];
        foreach (var (name, value) in description.Concat(headers).Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The value of a header that the application gets.</summary>
    public static string HeaderOf(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    /// <summary>The token that the application gets.</summary>
    public static AuthenticationHeaderValue TokenOf(HttpResponseMessage answer) =>
        AuthenticationHeaderValue.Parse(HeaderOf(answer, "Authorization"));

    /// <summary>The claims of that token.</summary>
    public static JsonElement ClaimsOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(TokenOf(answer).Parameter!.Split('.')[1])).RootElement;
}
