using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Makes requests to any route, from valid ones of a session.</summary>
internal sealed class RequestFuzzer
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "FOO-BAR", "A!#$%&'*+-.^_`|~9"];

    private static readonly string[] Queries =
    [
        "transport=body", "transport=header", "transport=cookie", "transport=session", "transport=", "transport=BODY",
        "transport=body&transport=cookie", "ended=true", "ended=maybe", "ended", "except=current", "except=%00", "limit=1",
        "limit=-1", "limit=99999999999999999999", "after=x", "access_token=x", "=", "&&&", "%", "%zz", "a[]=1", "a=%ff%fe",
        "return_to=https://evil.example", "search='%20OR%201=1", new('q', 3000),
    ];

    private static readonly string[] Names =
    [
        "Accept", "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Method", "Access-Control-Request-Headers",
        "Authorization", "Baggage", "Cookie", "Expect", "Forwarded", "If-Match", "If-Modified-Since", "If-None-Match", "Origin",
        "Range", "Referer", "Request-Id", "Sec-Fetch-Mode", "Sec-Fetch-Site", "traceparent", "tracestate", "Upgrade",
        "User-Agent", "X-Device-Token", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override",
        "X-Original-URL", "X-Refresh-Token", "X-Requested-With",
    ];

    private static readonly string[] Values =
    [
        "*/*", "application/json;q=0", "text/html", "gzip;q=x", "identity;q=0", "null", "same-origin", "cross-site", "bytes=0-",
        "\"*\"", "W/\"x\"", "Thu, 99 Foo 2026", "Bearer", "Bearer ", "bearer x", "Basic", "Basic !!!", "Basic Og==", "Digest a=b",
        "Basic YWRhOg==", "Basic w6k6w6k=", "Negotiate AAAA", "__Host-refresh=", "__Host-refresh", "__Host-session=x; a=b; ;;",
        "127.0.0.1, ::1, evil", "for=1;proto=\"", "00-00000000000000000000000000000000-0000000000000000-01", "http://localhost",
        "http://xn--", "https://[::1", "chrome-extension://x", "=;,=", "\u00e9\u3042", new('h', 4000), "DELETE", "/admin", "1",
    ];

    private readonly Random random;
    private readonly List<Route> routes;
    private readonly BodyFuzzer bodies;

    /// <summary>Creates a fuzzer of routes.</summary>
    public RequestFuzzer(Random random, IReadOnlyList<Route> routes)
    {
        // Most routes answer a GET with a file or a state. The ones that change something are chosen as often as all together.
        List<Route> changing = [.. routes.Where(route => route.Method != "GET")];
        var times = Math.Max(1, routes.Count / Math.Max(1, changing.Count));
        this.random = random;
        this.routes = [.. routes, .. Enumerable.Repeat(changing, times).SelectMany(repeated => repeated)];
        bodies = new BodyFuzzer(random, ValueOf);
    }

    /// <summary>The session whose tokens the requests carry.</summary>
    public required (string Username, Pair Pair) Session { get; set; }

    /// <summary>Makes the next request.</summary>
    public HttpRequestMessage Next()
    {
        var route = routes[random.Next(routes.Count)];
        var path = route.PathWith(name => random.Next(3) == 0 ? Uri.EscapeDataString(Visible(Strange())) : ValueOf(name) ?? "x");
        path = random.Next(6) == 0 ? Mutate(path) : path;
        if (random.Next(3) == 0)
        {
            path += "?" + Queries[random.Next(Queries.Length)];
        }

        var request = new HttpRequestMessage(
            new HttpMethod(random.Next(8) == 0 ? Methods[random.Next(Methods.Length)] : route.Method),
            new Uri("http://localhost" + path, AsWritten))
        {
            Content = bodies.Next(route.Body),
        };

        // HttpClient takes TRACE with a body for a mistake of its caller.
        request.Content = request.Method == HttpMethod.Trace ? null : request.Content;
        AddHeaders(request);
        return request;
    }

    private void AddHeaders(HttpRequestMessage request)
    {
        Add(request, "Authorization", random.Next(8) switch
        {
            < 4 => "Bearer " + Session.Pair.AccessToken,
            4 => "Bearer " + ChangeOne(Session.Pair.AccessToken),
            5 => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Session.Username}:{Strange()}")),
            _ => null,
        });
        Add(request, "Origin", random.Next(4) == 0 ? "http://localhost" : null);
        Add(request, "X-Refresh-Token", random.Next(6) == 0 ? TokenOrNot() : null);
        Add(request, "Cookie", random.Next(6) == 0 ? "__Host-refresh=" + TokenOrNot() : null);
        for (var more = random.Next(4); more > 0; more--)
        {
            Add(request, Names[random.Next(Names.Length)], Values[random.Next(Values.Length)]);
        }
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        // The client would wait for a permission to send the body.
        if (value is not null && name != "Expect")
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private string? ValueOf(string member) => member switch
    {
        "username" => random.Next(2) == 0 ? Session.Username : $"user{random.Next(100_000)}",
        "password" or "currentPassword" or "newPassword" => random.Next(4) == 0 ? Strange() : AuthServerApp.Password,
        "refreshToken" => TokenOrNot(),
        "id" => random.Next(2) == 0 ? $"{Session.Pair.SessionId}" : $"{Guid.NewGuid()}",
        "email" => random.Next(2) == 0 ? null : "ada@example.org",
        _ => random.Next(2) == 0 ? null : "text",
    };

    private string TokenOrNot() =>
        random.Next(2) == 0 ? Session.Pair.RefreshToken : ChangeOne(Session.Pair.RefreshToken);

    private string ChangeOne(string text)
    {
        var at = random.Next(text.Length);
        return text[..at] + (char)random.Next('!', '\x7f') + text[(at + 1)..];
    }

    private string Mutate(string path)
    {
        string[] mutated =
        [
            path + "/", "/" + path, path.ToUpperInvariant(), path.Replace("/", "//", StringComparison.Ordinal), "/." + path,
            "/x/.." + path, path + "/..", path + "/%2e%2e", path + "%00", path + "%2F", path + ";a=b", path + ".json", path + "%",
            path + "%C0%AF", path + "%ff", path + "\\", path + "/" + new string('p', 2000), "/%2e%2e/%2e%2e/etc/passwd",
            string.Concat(path.Select(letter => letter == '/' ? "/" : Uri.HexEscape(letter))), "/", "/docs/../..//", "/*",
            path + "/" + string.Concat(Enumerable.Repeat("a/", 500)), path + "%F0%9F%A6%8A", path + "~", path + "|", path + "[",
        ];
        return mutated[random.Next(mutated.Length)];
    }

    private string Strange() => Texts.Strange[random.Next(Texts.Strange.Count)];

    // EscapeDataString refuses lone surrogates of long texts only by their replacement, and no path is so long.
    private static string Visible(string text) => text.Length is 0 or > 200 ? "x" : text;
}
