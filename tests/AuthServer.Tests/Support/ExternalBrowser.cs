using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace AuthServer.Tests.Support;

/// <summary>A browser that logs in at a server by another provider. It follows no redirect by itself.</summary>
internal sealed class ExternalBrowser(AuthServerApp app, FakeIssuer? issuer = null)
{
    public const string Origin = "https://localhost";

    // Kept here, because a container of the framework drops cookies that end before the real time.
    private readonly Dictionary<string, string> cookies = [];

    private readonly HttpClient http = app.CreateClient(
        new() { BaseAddress = new(Origin), AllowAutoRedirect = false, HandleCookies = false });

    /// <summary>The value of a cookie.</summary>
    public string CookieOf(string name) => cookies[name];

    /// <summary>Sets a cookie, as another host of the domain may do.</summary>
    public void SetCookie(string name, string value) => cookies[name] = value;

    /// <summary>The names of the cookies that logins on their way are bound to.</summary>
    public IReadOnlyList<string> StateCookies =>
        [.. cookies.Keys.Where(name => name.StartsWith("__host-external", StringComparison.OrdinalIgnoreCase))];

    /// <summary>Follows the link of a provider, and returns the address at the provider.</summary>
    public async Task<Uri> BeginAsync(string query = "", string provider = "fake")
    {
        var answer = await GetAsync($"/login/external/{provider}{query}");
        answer.ShouldBe(HttpStatusCode.Redirect);
        return answer.Headers.Location!;
    }

    /// <summary>Begins to link an identity to the account of a device, and returns the address at the provider.</summary>
    public async Task<Uri> BeginLinkAsync(LoggedInDevice device, string provider = "fake")
    {
        var answer = await SendAsync(HttpMethod.Post, $"/external-logins/{provider}", device.Pair.AccessToken);
        return new Uri((await answer.ShouldBeJsonAsync()).GetProperty("location").GetString()!);
    }

    /// <summary>Logs in, and returns the address that the browser is sent to in the end.</summary>
    public async Task<Uri> LogInAsync(string query = "", string provider = "fake") =>
        await EndAsync(issuer!.Authorize(await BeginAsync(query, provider)));

    /// <summary>Brings an answer of the provider to the server, and returns the address that the browser is sent to.</summary>
    public async Task<Uri> EndAsync(Uri callback)
    {
        var answer = await GetAsync(callback.ToString());
        answer.ShouldBe(HttpStatusCode.Redirect);
        return answer.Headers.Location!;
    }

    /// <summary>The same browser at another node.</summary>
    public ExternalBrowser At(AuthServerApp node)
    {
        var other = new ExternalBrowser(node, issuer);
        foreach (var (name, value) in cookies)
        {
            other.SetCookie(name, value);
        }

        return other;
    }

    /// <summary>Brings an answer by a form of the provider's page.</summary>
    public async Task<Uri> EndByFormAsync(string callback, Uri page, Dictionary<string, string> answer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, callback) { Content = new FormUrlEncodedContent(answer) };
        request.Headers.Add("Origin", page.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        var response = await SendAsync(request);
        response.ShouldBe(HttpStatusCode.Redirect);
        return response.Headers.Location!;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Sends a request of a page of the server, with the cookies of the browser.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? accessToken = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Origin", Origin);
        }

        if (accessToken is not null)
        {
            request.Headers.Authorization = new("Bearer", accessToken);
        }

        return await SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        var sent = string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}").Prepend("other=1"));
        request.Headers.Add("Cookie", sent);
        var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var sets) ? sets : [])
        {
            var parts = set.Split(';')[0].Split('=', 2);
            cookies.Remove(parts[0]);
            if (parts[1].Length > 0)
            {
                cookies.Add(parts[0], parts[1]);
            }
        }

        return answer;
    }

    /// <summary>The access token of the refresh cookie.</summary>
    public async Task<string> RefreshAsync() =>
        (await (await SendAsync(HttpMethod.Post, "/refresh")).ShouldBeJsonAsync()).GetProperty("accessToken").GetString()!;

    /// <summary>The caller, as <c>GET /me</c> shows it.</summary>
    public async Task<JsonElement> MeAsync(string? accessToken = null) =>
        await (await SendAsync(HttpMethod.Get, "/me", accessToken)).ShouldBeJsonAsync();

    /// <summary>The error and its description that an address reports; null if there are none.</summary>
    public static (string Error, string Description)? ErrorOf(Uri address) =>
        QueryHelpers.ParseQuery(address.Query) is { } query && query.TryGetValue("error", out var error)
            ? (error.ToString(), query["error_description"].ToString())
            : null;
}
