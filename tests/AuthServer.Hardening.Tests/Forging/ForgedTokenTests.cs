using System.Text.Json;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Forgeries = AuthServer.Tests.Support.Forgeries;

namespace AuthServer.Hardening.Tests.Forging;

/// <summary>Forged tokens of each kind, at each place that takes one.</summary>
public sealed class ForgedTokenTests(KeyedApp keyed, ITestOutputHelper report) : IClassFixture<KeyedApp>
{
    private const int ShortForm = 900;
    private const int LongForm = 20_000;

    private readonly AuthServerApp app = keyed.App;
    private readonly HttpClient http = keyed.App.CreateClient(new() { HandleCookies = false });

    [Fact]
    public async Task Forged_access_token_opens_no_private_route()
    {
        var (material, session) = await MaterialAsync(pair => pair.AccessToken, pair => pair.RefreshToken);
        var forgeries = Forge(material, [.. TextMutators.All, .. JwtMutators.All, UnderRealKey(material.Genuine)]);
        var routes = Route.Of(app).Where(route => route.IsPrivate).ToList();
        Assert.NotEmpty(routes);
        var before = await ContentAsync();
        var next = 0;
        await ShouldBeRefusedAsync(forgeries, "access_token_invalid", forged =>
        {
            var route = routes[next++ % routes.Count];
            var path = route.PathWith(_ => $"{session.SessionId}");
            return Request(route.Method, path, ("Authorization", "Bearer " + forged.Token));
        });
        await ShouldBeRefusedAsync(forgeries, "access_token_invalid", forged =>
            Request("POST", "/logout", ("Authorization", "Bearer " + forged.Token)));
        await ShouldBeRefusedAsync(forgeries, "token_mismatch", forged =>
            Request("POST", "/refresh", ("Authorization", "Bearer " + forged.Token), ("X-Refresh-Token", session.RefreshToken)));
        Assert.Equal(before, await ContentAsync());
    }

    [Fact]
    public async Task Forged_refresh_token_refreshes_and_ends_nothing()
    {
        var (material, _) = await MaterialAsync(pair => pair.RefreshToken, pair => pair.AccessToken);
        var forgeries = Forge(material, [.. TextMutators.All, .. ByteMutators.All]);
        var cookies = forgeries.Where(forged => forged.Token.All(IsCookieOctet)).ToList();
        Assert.InRange(cookies.Count, forgeries.Count / 4, forgeries.Count);
        var before = await ContentAsync();
        await ShouldBeRefusedAsync(forgeries, "refresh_token_invalid", forged =>
            Request("POST", "/refresh", new { refreshToken = forged.Token }));
        await ShouldBeRefusedAsync(forgeries, "refresh_token_invalid", forged =>
            Request("POST", "/refresh", ("X-Refresh-Token", forged.Token)));
        await ShouldBeRefusedAsync(cookies, "refresh_token_invalid", forged =>
            Request("POST", "/refresh", ("Origin", "http://localhost"), ("Cookie", "__Host-refresh=" + forged.Token)));

        // By the contract a forged refresh token is logged out already.
        await ShouldBeRefusedAsync(forgeries, code: null, forged =>
            Request("POST", "/logout", new { refreshToken = forged.Token }));
        Assert.Equal(before, await ContentAsync());
    }

    [Fact]
    public async Task Forged_device_token_is_no_known_device()
    {
        var limits = new FailureLimits { Account = FailureLimits.OfAccount(1) };
        await using var limited = new AuthServerApp(services => services.AddSingleton(limits));
        using var client = limited.CreateClient(new() { HandleCookies = false });
        var refreshToken = (await limited.LogInAsync("ada")).Pair.RefreshToken;
        await limited.LogInAsync("eve");
        var material = new Material(
            await DeviceTokenAsync(client, "ada"), await DeviceTokenAsync(client, "eve"), refreshToken);
        await client.PostAsync("/login", new { username = "ada", password = "wrong password" });
        var login = new { username = "ada", password = AuthServerApp.Password };
        var forgeries = Forge(material, [.. TextMutators.All, .. ByteMutators.All]);
        await ShouldBeRefusedAsync(
            forgeries.FindAll(forged => forged.Token != material.Another),
            "too_many_requests",
            forged =>
            {
                var request = Request("POST", "/login", login);
                Assert.True(request.Headers.TryAddWithoutValidation("X-Device-Token", forged.Token));
                return request;
            },
            client);
        using var genuine = Request("POST", "/login", login);
        genuine.Headers.Add("X-Device-Token", material.Genuine);
        await (await client.SendAsync(genuine, TestContext.Current.CancellationToken)).ShouldBePairAsync();
    }

    private static async Task<string> DeviceTokenAsync(HttpClient client, string username)
    {
        var login = await client.PostAsync("/login", new { username, password = AuthServerApp.Password });
        return Assert.Single(login.Headers.GetValues("X-Device-Token"));
    }

    private static HttpRequestMessage Request(string method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        Assert.All(headers, header => Assert.True(request.Headers.TryAddWithoutValidation(header.Name, header.Value)));
        return request;
    }

    private static HttpRequestMessage Request(string method, string path, object body) =>
        new(new HttpMethod(method), path) { Content = HttpAssertions.Json(body) };

    // Source: RFC 6265 §4.1.1. Any other character separates cookies, or ends the value.
    private static bool IsCookieOctet(char letter) => letter is '!' or (>= '#' and <= '~') and not (',' or ';' or '\\');

    // A forger who has the key can still not write a token in another way than the server.
    private static Mutator UnderRealKey(string genuine)
    {
        var forgeries = Forgeries.Of(genuine, KeyedApp.Key)
            .Where(forged => forged is { NamesSession: false, Code: "access_token_invalid" }).ToList();
        return new("under the real key", (_, _, random) => forgeries[random.Next(forgeries.Count)].Token);
    }

    private async Task<(Material Material, Pair Session)> MaterialAsync(Func<Pair, string> kind, Func<Pair, string> other)
    {
        var (ada, eve) = ((await app.LogInAsync("ada")).Pair, (await app.LogInAsync("eve")).Pair);
        return (new Material(kind(ada), kind(eve), other(ada)), ada);
    }

    private List<ForgedText> Forge(Material material, IReadOnlyList<Mutator> mutators)
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"at least {count} forgeries");
        var sendable = new Dictionary<string, ForgedText>(StringComparer.Ordinal);
        while (sendable.Count < count)
        {
            // No header can have control characters.
            foreach (var forged in TokenForge.Forge(material, mutators, count, random)
                .Where(forged => !forged.Token.Any(letter => letter is < ' ' and not '\t' or '\x7f')))
            {
                sendable.TryAdd(forged.Token, forged);
            }
        }

        return [.. sendable.Values];
    }

    // All forgeries, so that the message lists each one that is taken for genuine. Without a code the answer is 204.
    private async Task ShouldBeRefusedAsync(
        List<ForgedText> forgeries, string? code, Func<ForgedText, HttpRequestMessage> request, HttpClient? client = null)
    {
        var wrong = new List<string>();
        var expected = code switch { null => 204, "token_mismatch" => 400, "too_many_requests" => 429, _ => 401 };
        foreach (var forged in forgeries)
        {
            using var sent = request(forged);
            using var answer = await (client ?? http).SendAsync(sent, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if ((int)answer.StatusCode != expected || !text.Contains(code ?? "", StringComparison.Ordinal))
            {
                wrong.Add($"{sent.RequestUri}: {forged.Name}: {forged.Token}: {(int)answer.StatusCode} {text}");
            }
        }

        report.WriteLine($"{forgeries.Count - wrong.Count} of {forgeries.Count} answered {expected} {code}.");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    // Accounts and sessions as they are stored.
    private Task<string> ContentAsync() => app.InDatabaseAsync(async db => JsonSerializer.Serialize(new
    {
        Users = await db.Users.AsNoTracking().OrderBy(user => user.Id).ToListAsync(TestContext.Current.CancellationToken),
        Sessions = await db.Sessions.AsNoTracking().OrderBy(session => session.Id)
            .ToListAsync(TestContext.Current.CancellationToken),
    }));
}
