using System.Text.Json;

namespace AuthServer.Tests.Support;

/// <summary>A browser on a page of the server, with a session cookie and no token.</summary>
internal sealed class SessionBrowser(AuthServerApp app)
{
    public const string CookieName = "__Host-session";

    private readonly HttpClient http = app.CreateClient(new() { HandleCookies = false });

    /// <summary>The value of the session cookie; null if the browser has none.</summary>
    public string? Cookie { get; set; }

    public Guid SessionId { get; private set; }

    /// <summary>The body of a request that proves who the user is; null for a route that needs none.</summary>
    public static object? ProofFor(string path) => path switch
    {
        "/password" => new { currentPassword = AuthServerApp.Password, newPassword = "another horse battery" },
        "/reauthenticate" => new { AuthServerApp.Password },
        _ => null,
    };

    /// <summary>Registers a user, if there is none of that name, and logs in by cookie.</summary>
    public static async Task<SessionBrowser> LogInAsync(AuthServerApp app, string username = "ada", string? deviceName = null)
    {
        var browser = new SessionBrowser(app);
        await browser.PostAsync("/register", new { username, AuthServerApp.Password });
        var body = new { username, AuthServerApp.Password, deviceName };
        var answer = await (await browser.PostAsync("/login?transport=session", body)).ShouldBeJsonAsync();
        browser.SessionId = answer.GetProperty("sessionId").GetGuid();
        Assert.NotNull(browser.Cookie);
        return browser;
    }

    /// <summary>The same browser, or a thief of its cookie, at a node.</summary>
    public SessionBrowser At(AuthServerApp node) => new(node) { Cookie = Cookie, SessionId = SessionId };

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, origin: null);

    public Task<HttpResponseMessage> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>Sends a request with the cookie, and keeps the cookie of the answer.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        object? body = null,
        string? origin = Browser.Own,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : HttpAssertions.Json(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", $"other=1; {CookieName}={Cookie}");
        }

        var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        if (CookieOf(answer) is { } set)
        {
            var value = set.Split(';')[0][(CookieName.Length + 1)..];
            Cookie = value.Length == 0 ? null : value;
        }

        return answer;
    }

    /// <summary>The session cookie that an answer sets or expires; null for none.</summary>
    public static string? CookieOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.SingleOrDefault(cookie => cookie.StartsWith(CookieName + "=", StringComparison.Ordinal))
            : null;

    /// <summary>The names of all cookies that an answer sets or expires, sorted.</summary>
    public static IEnumerable<string> CookieNamesOf(HttpResponseMessage answer) =>
        answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split('=')[0]).Order(StringComparer.Ordinal);

    /// <summary>The caller, as <c>GET /me</c> shows it.</summary>
    public async Task<JsonElement> MeAsync() => await (await GetAsync("/me")).ShouldBeJsonAsync();
}
