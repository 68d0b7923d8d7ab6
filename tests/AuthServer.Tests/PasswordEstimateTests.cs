using System.Net;
using System.Text.Json;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>Estimates of passwords for a form that is not sent yet.</summary>
public sealed class PasswordEstimateTests
{
    private const string Email = "lovelace.countess@example.org";
    private const string DisplayName = " Augusta Byron ";

    private static readonly string[] Passwords =
    [
        "", "short", "1234567", "password1", "password12345678", "qwertyuiop", "Tr0ub4dor&3", "p4ssw0rd!", "aaaaaaaaaaaaaaaa",
        "authserver2026", "acme-portal1", "lovelace1815", "Lovelace.Countess", "augusta-byron", "byron9byron9", "example.org1",
        "velvet harbour", "velvet umbr", "harbour umbrella", "umbrella 1906", "correct horse battery staple",
        "비밀번호비밀번호", "새벽 강가를 따라 걷는 길", "Cre\u0300me bru\u0302le\u0301e",
        "\U0001F98A\U0001F98A\U0001F98A\U0001F98A\U0001F98A\U0001F98A\U0001F98A", "        ", "19900101", "x7#kQ9!v",
        string.Concat(Enumerable.Repeat("velvet harbour ", 18))[..256],
        string.Concat(Enumerable.Repeat("velvet harbour ", 18))[..257],
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Estimate_is_decision_of_registration_with_same_names()
    {
        await using var app = new AuthServerApp(("Passwords:ContextWords:0", "acme"), ("Passwords:ContextWords:1", "portal"));
        var http = app.CreateClient();
        var scores = new HashSet<int>();
        var (accepted, refused) = (0, 0);
        foreach (var password in Passwords)
        {
            foreach (var hasNames in (bool[])[true, false])
            {
                var account = new
                {
                    username = $"quantity{accepted}",
                    password,
                    email = hasNames ? Email : null,
                    displayName = hasNames ? DisplayName : null,
                };
                var estimate = await EstimateAsync(http, account);
                var registration = await http.PostAsync("/register", account);
                scores.Add(estimate.GetProperty("score").GetInt32());
                if (estimate.GetProperty("acceptable").GetBoolean())
                {
                    accepted++;
                    registration.ShouldBe(HttpStatusCode.Created);
                    Assert.Equal(JsonValueKind.Null, estimate.GetProperty("detail").ValueKind);
                }
                else
                {
                    refused++;
                    var errors = (await registration.ShouldBeProblemAsync(400, "invalid_request")).GetProperty("errors");
                    Assert.Equal(errors.GetProperty("password")[0].GetString(), estimate.GetProperty("detail").GetString());
                }
            }
        }

        Assert.InRange(accepted, 10, 40);
        Assert.InRange(refused, 15, 45);
        Assert.Equal([0, 1, 2, 3, 4], scores.Order());
    }

    [Fact]
    public async Task Minimum_length_is_setting()
    {
        await using var app = new AuthServerApp(("Passwords:MinimumLength", "14"));
        var http = app.CreateClient();
        var shorter = await EstimateAsync(http, new { password = "x7#kQ9!vR2$wz" });
        Assert.Equal("Must have 14 to 256 characters.", shorter.GetProperty("detail").GetString());
        Assert.Equal(0, shorter.GetProperty("score").GetInt32());
        Assert.True((await EstimateAsync(http, new { password = "x7#kQ9!vR2$wzb" })).GetProperty("acceptable").GetBoolean());
    }

    [Fact]
    public async Task Name_that_is_not_complete_counts_too()
    {
        await using var app = new AuthServerApp();
        var estimate = await EstimateAsync(
            app.CreateClient(), new { username = "zyxgrub@", email = "vokspindle@ex", password = "vokspindle7" });
        Assert.False(estimate.GetProperty("acceptable").GetBoolean());
    }

    [Fact]
    public async Task Database_is_not_asked()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        var http = app.CreateClient();
        probe.CommandFault = TestDatabase.Away;
        var known = await http.PostAsync("/password/strength", new { username = "ada", password = AuthServerApp.Password });
        var free = await http.PostAsync("/password/strength", new { username = "bob", password = AuthServerApp.Password });
        known.ShouldBe(HttpStatusCode.OK);
        Assert.Equal(await free.Content.ReadAsStringAsync(Ct), await known.Content.ReadAsStringAsync(Ct));
        Assert.Equal(Headers(free), Headers(known));
        probe.CommandFault = null;
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        static IEnumerable<string> Headers(HttpResponseMessage answer) =>
            answer.Headers.Concat(answer.Content.Headers).Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
    }

    [Fact]
    public async Task Nothing_is_kept_logged_or_cached()
    {
        await using var app = new AuthServerApp(
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"));
        var account = new
        {
            username = "heisenbug",
            password = "velvet harbour",
            email = "uncertain@example.org",
            displayName = "Werner",
        };
        var http = app.CreateClient();
        var answer = await http.PostAsync("/password/strength", account);
        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        var text = await answer.Content.ReadAsStringAsync(Ct);
        await http.PostAsync("/password/strength", account with { username = new string('q', 65) });

        string[] secrets = [account.username, account.password, account.email, account.displayName];
        Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(app.Log.Lines, line => line.Level == LogLevel.Trace);
        Assert.All(app.Log.Lines, line =>
            Assert.DoesNotContain(secrets, secret => line.Text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
        Assert.False(await app.InDatabaseAsync(db => db.Users.AnyAsync(Ct)));
    }

    [Theory]
    [InlineData("password", null, 0)]
    [InlineData("username", "n", 65)]
    [InlineData("displayName", "n", 65)]
    [InlineData("email", "n", 255)]
    [InlineData("username", "a\0b", 1)]
    [InlineData("displayName", "a\u202Eb", 1)]
    public async Task Member_that_no_form_sends_is_refused(string member, string? text, int count)
    {
        await using var app = new AuthServerApp();
        var body = new Dictionary<string, string?>
        {
            ["password"] = AuthServerApp.Password,
            [member] = text is null ? null : string.Concat(Enumerable.Repeat(text, count)),
        };
        await (await app.CreateClient().PostAsync("/password/strength", body)).ShouldBeInvalidAsync(member);
    }

    private static async Task<JsonElement> EstimateAsync(HttpClient http, object account) =>
        await (await http.PostAsync("/password/strength", account)).ShouldBeJsonAsync();
}
