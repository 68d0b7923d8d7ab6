using System.Net;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Logging in by name and password.</summary>
public sealed class LoginTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Password = AuthServerApp.Password;

    private readonly HttpClient http = shared.App.CreateClient();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_answers_with_token_pair_of_contract()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var response = await app.CreateClient().PostAsync("/login", new { username = "ada", password = Password });
        var body = await response.ShouldBeJsonAsync();
        Assert.Equal(
            ["accessToken", "expiresIn", "refreshExpiresIn", "refreshToken", "sessionId", "tokenType"],
            body.EnumerateObject().Select(member => member.Name).Order());
        Assert.True(response.Headers.CacheControl?.NoStore);
        var pair = await response.ShouldBePairAsync();
        Assert.Equal(("Bearer", 20, 1209600L), (pair.TokenType, pair.ExpiresIn, pair.RefreshExpiresIn));
        Assert.Matches("^[A-Za-z0-9_-]{72}$", pair.RefreshToken);
        Assert.Equal(2, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Login_opens_session_and_records_it()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada", deviceName: "Laptop");
        var written = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.Kind == EventKind.Login, Ct));
        Assert.Equal((EventKind.Login, ada.SessionId, 1, null), (written.Kind, written.SessionId, written.Count, written.Reason));
        Assert.Equal((app.Clock.GetUtcNow(), IdOf(ada)), (written.At, written.UserId));
        Assert.Equal("Laptop", (await app.RowOfAsync(ada)).DeviceName);
    }

    [Fact]
    public async Task Login_with_access_token_of_earlier_session_checks_password_alone()
    {
        var ada = await shared.App.LogInAsync("beside");
        foreach (var header in new[] { "Bearer " + ada.Pair.AccessToken, "Bearer nonsense", "Digest x" })
        {
            var credentials = HttpAssertions.Json(new { username = "beside", password = Password });
            var pair = await (await http.SendAsync(HttpMethod.Post, "/login", header, credentials)).ShouldBePairAsync();
            Assert.NotEqual(ada.SessionId, pair.SessionId);
        }
    }

    [Theory]
    [InlineData("jürgen", "JÜRGEN")]
    [InlineData("Fiona Fi", "\uFB01ona \uFB01")]
    [InlineData("amélie", "ame\u0301lie")]
    [InlineData("Wide", "\uFF37\uFF29\uFF24\uFF25")]
    [InlineData("Liz@example.org", "liz@EXAMPLE.ORG")]
    public async Task Login_by_any_spelling_of_same_normal_form_succeeds(string registered, string presented)
    {
        await shared.App.LogInAsync(registered);
        var pair = await (await LoginAsync(presented, Password)).ShouldBePairAsync();
        Assert.Equal(registered, new LoggedInDevice(http, pair).Claims.GetProperty("preferred_username").GetString());
    }

    [Fact]
    public async Task Login_by_email_of_account_is_refused()
    {
        await http.PostAsync("/register", new { username = "mailed", password = Password, email = "mailed@example.org" });
        await (await LoginAsync("mailed@example.org", Password)).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("correct horse battery stapl")]
    [InlineData("correct horse battery staple ")]
    [InlineData("Correct horse battery staple")]
    [InlineData("correct horse battery staple\0")]
    [InlineData("\0correct horse battery staple")]
    public async Task Login_with_nearly_right_password_is_refused(string password)
    {
        await shared.App.LogInAsync("almost");
        await (await LoginAsync("almost", password)).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("nul\0")]
    [InlineData("\0")]
    [InlineData("\uD800")]
    public async Task Login_by_name_that_no_account_can_have_is_refused_like_any_other(string name) =>
        await (await LoginAsync(name, Password)).ShouldBeProblemAsync(401, "invalid_credentials");

    [Fact]
    public async Task Login_distinguishes_passwords_longer_than_bcrypt_reads()
    {
        var shared72 = "kT9#vQ2m".PadRight(72, 'x');
        await http.PostAsync("/register", new { username = "long", password = shared72 + "1" });
        await (await LoginAsync("long", shared72 + "1")).ShouldBePairAsync();
        await (await LoginAsync("long", shared72 + "2")).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task Login_refusal_is_same_for_unknown_wrong_and_disabled()
    {
        var ada = await shared.App.LogInAsync("enabled");
        await SetDisabledAsync(shared.App, await shared.App.LogInAsync("disabled"), disabled: true);

        var answers = new List<string>();
        (string, string)[] refused =
            [("nobody", Password), ("enabled", "wrong"), ("disabled", Password), ("disabled", "wrong"), ("a:b", "x")];
        foreach (var (username, password) in refused)
        {
            var response = await LoginAsync(username, password);
            var problem = await response.ShouldBeProblemAsync(401, "invalid_credentials");
            var members = problem.EnumerateObject().Where(member => member.Name != "traceId").Select(member => member.ToString());
            answers.Add($"{(int)response.StatusCode} {response.Headers}{response.Content.Headers}{string.Join(',', members)}");
        }

        Assert.Single(answers.Distinct());
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("spaced ")]
    [InlineData(" Spaced")]
    [InlineData("\tspaced\u00A0\u3000")]
    public async Task Spaces_around_user_name_are_ignored(string username)
    {
        await shared.App.LogInAsync("spaced");
        await (await LoginAsync(username, Password)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Login_to_account_that_is_enabled_again_succeeds()
    {
        var account = await shared.App.LogInAsync("again");
        await SetDisabledAsync(shared.App, account, disabled: true);
        await (await LoginAsync("again", Password)).ShouldBeProblemAsync(401, "invalid_credentials");
        await SetDisabledAsync(shared.App, account, disabled: false);
        await (await LoginAsync("again", Password)).ShouldBePairAsync();
    }

    [Theory]
    [InlineData("{}", "username")]
    [InlineData("{\"username\":\"ada\"}", "password")]
    [InlineData("{\"username\":null,\"password\":\"x\"}", "username")]
    [InlineData("{\"username\":\"\",\"password\":\"x\"}", "username")]
    [InlineData("{\"username\":\"ada\",\"password\":\"\"}", "password")]
    public async Task Login_without_name_or_password_names_missing_field(string body, string field) =>
        await (await http.PostAsync("/login", HttpAssertions.Text(body), Ct)).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("\u0007")]
    [InlineData("two\nlines")]
    [InlineData("\u202Eegap")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public async Task Login_with_invalid_device_name_opens_nothing(string deviceName)
    {
        var ada = await shared.App.LogInAsync("unnamed");
        var response = await http.PostAsync("/login", new { username = "unnamed", password = Password, deviceName });
        await response.ShouldBeInvalidAsync("deviceName");
        var names = (await SessionsOfAsync(ada)).Select(session => session.GetProperty("deviceName"));
        Assert.All(names, name => Assert.Equal(JsonValueKind.Null, name.ValueKind));
    }

    [Theory]
    [InlineData("Ada's Telefon \U0001F4F1", "Ada's Telefon \U0001F4F1")]
    [InlineData("  Tablet  ", "Tablet")]
    [InlineData("   ", null)]
    [InlineData(
        "0123456789012345678901234567890123456789012345678901234567890123",
        "0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task Login_with_device_name_shows_it_in_list_of_sessions(string given, string? shown)
    {
        var ada = await shared.App.LogInAsync("devices", given);
        var current = Assert.Single(await SessionsOfAsync(ada), session => session.GetProperty("current").GetBoolean());
        Assert.Equal(shown, current.GetProperty("deviceName").GetString());
    }

    [Theory]
    [InlineData("banana")]
    [InlineData("Cookie")]
    [InlineData("1")]
    [InlineData("BODY")]
    [InlineData("body&transport=cookie")]
    public async Task Login_with_unknown_transport_is_refused_and_opens_nothing(string transport)
    {
        var ada = await shared.App.LogInAsync("transported");
        var before = (await SessionsOfAsync(ada)).Count;
        var credentials = new { username = "transported", password = Password };
        var response = await http.PostAsync("/login?transport=" + transport, credentials);
        await response.ShouldBeInvalidAsync("transport");
        Assert.Equal(before, (await SessionsOfAsync(ada)).Count);
    }

    [Theory]
    [InlineData("?transport=body")]
    [InlineData("?transport=")]
    [InlineData("")]
    public async Task Login_with_transport_body_answers_in_body(string query)
    {
        await shared.App.LogInAsync("transported");
        var response = await http.PostAsync("/login" + query, new { username = "transported", password = Password });
        await response.ShouldBePairAsync();
        Assert.DoesNotContain(response.Headers, header => header.Key is "Authorization" or "X-Refresh-Token" or "Set-Cookie");
    }

    [Fact]
    public async Task Failed_logins_are_counted_by_account_and_minute()
    {
        await using var app = new AuthServerApp();
        var (ada, eve) = (await app.LogInAsync("ada"), await app.LogInAsync("eve"));
        await SetDisabledAsync(app, eve, disabled: true);
        (double, string)[] logins = [(0, "ada"), (0, "ADA"), (59.999, "ada"), (0.001, "ada"), (1, "eve"), (58, "ada")];
        foreach (var (seconds, username) in logins)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(seconds));
            var credentials = new { username, password = username == "eve" ? Password : "wrong" };
            var login = await app.CreateClient().PostAsync("/login", credentials);
            await login.ShouldBeProblemAsync(401, "invalid_credentials");
        }

        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var failures = await FailuresAsync(app);
        Assert.Equal(
            [(IdOf(ada), noon, 3), (IdOf(ada), noon.AddMinutes(1), 2), (IdOf(eve), noon.AddMinutes(1), 1)],
            failures.OrderBy(row => row.At).ThenByDescending(row => row.Count)
                .Select(row => (row.UserId!.Value, row.At, row.Count)));
        Assert.All(failures, row => Assert.Equal((null, null), (row.SessionId, row.Reason)));
    }

    [Fact]
    public async Task Concurrent_failed_logins_are_all_counted()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var wrong = new { username = "ada", password = "wrong" };
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.CreateClient().PostAsync("/login", wrong)));
        Assert.Equal(20, Assert.Single(await FailuresAsync(app)).Count);
    }

    [Fact]
    public async Task Failed_logins_of_unknown_names_are_counted_without_name()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        foreach (var username in new[] { "nobody", "\u0001" })
        {
            var login = await app.CreateClient().PostAsync("/login", new { username, password = Password });
            await login.ShouldBeProblemAsync(401, "invalid_credentials");
        }

        var failures = Assert.Single(await FailuresAsync(app));
        Assert.Equal((null, "unknown", 2), (failures.UserId, failures.Network, failures.Count));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.DoesNotContain(app.Log.Lines, line => line.Text.Contains("nobody", StringComparison.Ordinal));
    }

    private Task<HttpResponseMessage> LoginAsync(string username, string password) =>
        http.PostAsync("/login", new { username, password });

    private static Guid IdOf(LoggedInDevice account) => account.Claims.GetProperty("sub").GetGuid();

    private static async Task SetDisabledAsync(AuthServerApp app, LoggedInDevice account, bool disabled) =>
        Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(IdOf(account), disabled, Ct));

    private static async Task<List<JsonElement>> SessionsOfAsync(LoggedInDevice session) =>
        [.. (await (await session.GetAsync("/sessions")).ShouldBeJsonAsync()).GetProperty("sessions").EnumerateArray()];

    private static async Task<List<EventRow>> FailuresAsync(AuthServerApp app)
    {
        await app.CountEventsAsync();
        return await app.InDatabaseAsync(db =>
            db.Events.Where(row => row.Kind == EventKind.LoginFailed).OrderBy(row => row.Id).ToListAsync(Ct));
    }
}
