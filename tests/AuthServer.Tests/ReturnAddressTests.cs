using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>The addresses that the login page returns to.</summary>
public sealed class ReturnAddressTests : IAsyncDisposable
{
    private const string Page = "https://app.example.com";

    private static readonly string[] Allowed =
    [
        Page, Page + "/", Page + "/board?page=2#top", Page + "?x", Page + "#x", Page + "/%2f%2fevil.example",
        Page + "//evil.example", "https://guarded.example.com/", "http://localhost:3000/path", "http://localhost/",
        "http://localhost",
    ];

    private static readonly string[] Refused =
    [
        "", "/", "/path", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", ".",
        "..", "?x", "#x", "evil.example", "evil.example/" + Page, "https://evil.example", "https://evil.example/",
        "http://app.example.com", "https://app.example.com.evil.example", "https://app.example.comevil.example",
        "https://app.example.com:444/", "https://app.example.com:443/", "https://app.example.com:@evil.example/",
        "https://app.example.com@evil.example", "https://app.example.com%40evil.example",
        "https://app.example.com%2f@evil.example", "https://app.example.com\\@evil.example",
        "https://app.example.com\\.evil.example", "https://app.example.com\t.evil.example", "https://app.example.com\n/",
        "https://app.example.com/\r\nSet-Cookie: a=b", "https://app.example.com/\0", "https://app.example.com/ ", " " + Page,
        "https:app.example.com", "https:/app.example.com", "https:///app.example.com", "https://///app.example.com",
        "HTTPS://app.example.com/", "https://APP.example.com/", "https://app.example.com./",
        "https://app.example.com。evil.example", "https://app。example。com/", "https://ａpp.example.com/",
        "https://app.examp\u00ade.com/", "https://xn--app-.example.com/", "https://user@app.example.com/",
        "https://user:pass@app.example.com/", "https://evil.example#" + Page, "https://evil.example?" + Page,
        "https://evil.example/" + Page, "https://evil.example\\" + Page, "javascript:alert(1)",
        "javascript://app.example.com/%0aalert(1)", "java\tscript:alert(1)", "data:text/html,x",
        "blob:https://app.example.com/x", "vbscript:x", "file:///etc/passwd", "ftp://app.example.com/", "ws://app.example.com/",
        "about:blank", "view-source:" + Page, "https://[::1]/", "https://127.0.0.1/", "http://2130706433/",
        "http://localhost:3001/", "http://localhost:30000/", "http://localhost:3000.evil.example/", "https://localhost/",
        "http://localhost@evil.example/", "http://localhost%00/", "https://app.example.com/é", "https://app.example.com/\u202e",
        "https://app.example.com/\u2028", "%68ttps://app.example.com/", "https%3A%2F%2Fapp.example.com",
        "https://app.example.com|evil", "https://app.example.com,evil.example", "https://app.example.com;evil.example",
        "https://app.example.com&evil.example", "https://app.example.com'evil.example", "https://app.example.com`evil.example",
        "https://app.example.com{evil}", "https://app.example.com<evil>", "https://guarded.example.com.evil.example/",
        "https://sub.guarded.example.com/", "null", "undefined", "true", "https://", "http:",
    ];

    private readonly AuthServerApp app = new(
        ("Cors:Origins:0", Page),
        ("Cors:Origins:1", "http://localhost:3000"),
        ("ForwardAuth:Origins:0", "https://guarded.example.com"));

    private readonly HttpClient http;

    public ReturnAddressTests() => http = app.CreateClient(new() { AllowAutoRedirect = false });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task Login_page_returns_to_listed_origins_alone()
    {
        Assert.All(await StatusesAsync(Allowed), found => Assert.Equal(HttpStatusCode.OK, found.Status));
    }

    [Fact]
    public async Task Login_page_is_no_open_redirect()
    {
        // Each as it is, and with what browsers remove around an address.
        var forms = Refused.SelectMany(address => new[] { address, address + "\t", "\u00a0" + address }).Distinct().ToList();
        Assert.True(forms.Count > 200);
        Assert.All(await StatusesAsync(forms), found =>
            Assert.True(found is { Status: HttpStatusCode.Redirect, Location: "./" }, $"{found}"));
    }

    [Fact]
    public async Task Address_that_is_given_twice_or_by_encoding_twice_is_refused()
    {
        var encoded = Uri.EscapeDataString(Page + "/");
        foreach (var query in new[] { $"return_to={encoded}&return_to={encoded}", "return_to=" + Uri.EscapeDataString(encoded) })
        {
            var answer = await http.GetAsync("/?" + query, TestContext.Current.CancellationToken);
            answer.ShouldBe(HttpStatusCode.Redirect);
        }
    }

    private async Task<List<(string Address, HttpStatusCode Status, string? Location)>> StatusesAsync(
        IEnumerable<string> addresses)
    {
        var found = new List<(string, HttpStatusCode, string?)>();
        foreach (var address in addresses)
        {
            var answer = await http.GetAsync(
                "/?return_to=" + Uri.EscapeDataString(address), TestContext.Current.CancellationToken);
            found.Add((address, answer.StatusCode, answer.Headers.Location?.OriginalString));
        }

        return found;
    }
}
