using System.Net;
using System.Text;
using System.Text.Json;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Registering an account.</summary>
public sealed class RegisterTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Password = AuthServerApp.Password;

    // Eight characters that are in no dictionary.
    private const string Shortest = "kT9#vQ2m";

    // Seven letters, each followed by a combining mark.
    private const string Decomposed = "e\u0301o\u0308a\u030Au\u0302n\u0303i\u0300c\u0327";

    private static int lastNumber;

    [Fact]
    public async Task Register_answers_201_with_id_and_name_as_given()
    {
        var response = await RegisterAsync(
            new { username = "Ada Ωμέγα", password = Password, email = "a@example.org", displayName = "A" });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/me", response.Headers.Location?.OriginalString);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["id", "username"], body.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(body.GetProperty("id").GetGuid().ToString(), body.GetProperty("id").GetString());
        Assert.Contains("\"Ada Ωμέγα\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_stores_display_name_and_email()
    {
        var http = shared.App.CreateClient();
        await RegisterAsync(
            new { username = "Grace", password = Password, email = "grace@example.org", displayName = "  Grace H.  " });
        var pair = await (await http.PostAsync("/login", new { username = "Grace", password = Password })).ShouldBePairAsync();
        var me = await (await new LoggedInDevice(http, pair).GetAsync("/me")).ShouldBeJsonAsync();
        Assert.Equal("Grace", me.GetProperty("username").GetString());
        Assert.Equal("Grace H.", me.GetProperty("displayName").GetString());
        Assert.Equal("grace@example.org", await EmailOfAsync("Grace"));
    }

    [Fact]
    public async Task Register_with_email_as_name_stores_it_as_email_too()
    {
        (await RegisterAsync(new { username = "Eve@example.org", password = Password })).ShouldBe(HttpStatusCode.Created);
        Assert.Equal("Eve@example.org", await EmailOfAsync("Eve@example.org"));
    }

    public static TheoryData<string, string?> RefusedFields => new()
    {
        { "username", "" },
        { "username", null },
        { "username", " " },
        { "username", new string('a', 65) },
        { "username", string.Concat(Enumerable.Repeat("\U0001F512", 65)) },
        { "username", new string('\uFDFA', 4) }, // 4 characters, 72 in their normal form.
        { "username", "ada:lovelace" },
        { "username", "ada\uFF1Alovelace" }, // A colon in its normal form.
        { "username", "ada\u0000" },
        { "username", "ada\n" },
        { "username", "ada\u007F" },
        { "username", "ada\u0085b" },
        { "username", "ad\u200Ba" }, // Zero-width space.
        { "username", "ad\u200Da" },
        { "username", "ad\u00ADa" }, // Soft hyphen.
        { "username", "ad\u202Ea" }, // Reverses the direction of text.
        { "username", "ad\uFEFFa" },
        { "username", "ad\u034Fa" },
        { "username", "\u3164" }, // A letter by category, and invisible.
        { "username", "\uFFA0" },
        { "username", "\u2800" },
        { "username", "ada\uFE0F" },
        { "username", "ada\U000E0061" }, // A tag character.
        { "username", "ada\uE000" },
        { "username", "ada\u2028b" },
        { "username", " ada" },
        { "username", "ada " },
        { "username", "ada\u00A0" },
        { "username", "\u3000ada" },
        { "username", "ada@" },
        { "username", "@ada" },
        { "username", "ada@localhost" },
        { "username", "ada@@example.org" },
        { "username", "ada@example.org." },
        { "username", "Ada <ada@example.org>" },
        { "username", "a..da@example.org" },
        { "username", "ada@exa mple.org" },
        { "password", null },
        { "password", "" },
        { "password", Shortest[..7] },
        { "password", Decomposed }, // 14 code points, 7 characters once composed.
        { "password", Unguessable(257) },
        { "password", "password123" },
        { "password", "12345678" },
        { "password", "qwertyuiop" },
        { "password", "aaaaaaaaaaaaaaaa" },
        { "email", "" },
        { "email", "ada" },
        { "email", "ada@localhost" },
        { "email", "Ada <ada@example.org>" },
        { "email", "ada@example.org, eve@example.org" },
        { "email", "ada@example.org\r\nBcc: eve@example.org" },
        { "email", $"{new string('a', 65)}@example.org" },
        { "displayName", new string('a', 65) },
        { "displayName", "Ada\u0007" },
        { "displayName", "Ada\nLovelace" },
        { "displayName", "Ada\u202E" },
    };

    [Theory]
    [MemberData(nameof(RefusedFields))]
    public async Task Register_with_invalid_field_names_that_field(string field, string? value) =>
        await (await RegisterAsync(RequestWith(field, value))).ShouldBeInvalidAsync(field);

    [Fact]
    public async Task Register_with_email_other_than_in_name_names_email()
    {
        var request = new { username = "carol@example.org", password = Password, email = "eve@example.org" };
        await (await RegisterAsync(request)).ShouldBeInvalidAsync("email");
        (await RegisterAsync(request with { email = request.username })).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Register_with_all_fields_invalid_names_all_fields() =>
        await (await RegisterAsync(new { username = "a:b", password = "short", email = "no", displayName = "\u0001" }))
            .ShouldBeInvalidAsync("username", "password", "email", "displayName");

    [Theory]
    [InlineData("username")]
    [InlineData("email")]
    [InlineData("displayName")]
    public async Task Register_with_password_made_of_own_names_is_refused(string field)
    {
        var name = $"xqzvbnk{Interlocked.Increment(ref lastNumber)}";
        var request = RequestWith(field, field == "email" ? name + "@example.org" : name);
        request["password"] = name + "1";
        await (await RegisterAsync(request)).ShouldBeInvalidAsync("password");
        request[field] = field == "email" ? "eve@example.org" : name.Replace("xqz", "wpf", StringComparison.Ordinal);
        (await RegisterAsync(request)).ShouldBe(HttpStatusCode.Created);
    }

    public static TheoryData<string, string?> AllowedFields => new()
    {
        { "username", "x" },
        { "username", new string('b', 64) },
        { "username", string.Concat(Enumerable.Repeat("\U0001F511", 64)) },
        { "username", "Anna Maria" },
        { "username", "o'neill-jr.;--" },
        { "username", "李小龙" },
        { "username", "dan+tag@mail.example.org" },
        { "password", Shortest },
        { "password", Unguessable(256) },
        { "password", Decomposed + "y\u0308" },
        { "password", "  leading and trailing spaces count  " },
        { "email", null },
        { "email", "ada@example.org" },
        { "displayName", null },
        { "displayName", "" },
        { "displayName", new string('a', 64) },
        { "displayName", " " + new string('a', 64) + " " },
        { "displayName", "Ada \U0001F469\u200D\U0001F4BB" },
    };

    [Theory]
    [MemberData(nameof(AllowedFields))]
    public async Task Register_with_field_at_limit_of_its_rule_succeeds(string field, string? value)
    {
        var request = RequestWith(field, value);
        (await RegisterAsync(request)).ShouldBe(HttpStatusCode.Created);
        var credentials = new { username = request["username"], password = request["password"] };
        await (await shared.App.CreateClient().PostAsync("/login", credentials)).ShouldBePairAsync();
    }

    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("Alan", "aLAN")]
    [InlineData("Barbara", "\uFF22\uFF21\uFF32\uFF22\uFF21\uFF32\uFF21")] // Full-width letters.
    [InlineData("fiona", "\uFB01ona")] // The ligature fi.
    [InlineData("kelvin", "\u212Aelvin")] // The sign of the unit.
    [InlineData("caf\u00E9", "CAFE\u0301")]
    [InlineData("Mallory@example.org", "mallory@EXAMPLE.org")]
    public async Task Register_of_name_with_same_normal_form_is_username_taken(string first, string second)
    {
        (await RegisterAsync(new { username = first, password = Password })).ShouldBe(HttpStatusCode.Created);
        await (await RegisterAsync(new { username = second, password = Password })).ShouldBeProblemAsync(409, "username_taken");
    }

    [Fact]
    public async Task Register_of_one_name_by_many_callers_succeeds_for_one()
    {
        var request = new { username = "many", password = Password };
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RegisterAsync(request)));
        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, responses.Count(response => response.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Register_is_closed_and_adds_no_account_if_switched_off()
    {
        await using var app = new AuthServerApp(("Accounts:Registration", "false"));
        var response = await app.CreateClient().PostAsync("/register", new { username = "ada", password = Password });
        await response.ShouldBeProblemAsync(403, "registration_closed");
        Assert.False(await app.InDatabaseAsync(db => db.Users.AnyAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Register_holds_passwords_to_configured_minimum_length()
    {
        await using var app = new AuthServerApp(("Passwords:MinimumLength", "12"));
        var http = app.CreateClient();
        var shorter = await http.PostAsync("/register", new { username = "ada", password = Unguessable(11) });
        await shorter.ShouldBeInvalidAsync("password");
        var exact = await http.PostAsync("/register", new { username = "ada", password = Unguessable(12) });
        exact.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData(NormalizationForm.FormC, NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormD, NormalizationForm.FormC)]
    public async Task Password_logs_in_composed_or_decomposed(NormalizationForm registered, NormalizationForm presented)
    {
        var username = $"norma{registered}";
        var password = "Crème brûlée à la façon";
        await RegisterAsync(new { username, password = password.Normalize(registered) });
        var http = shared.App.CreateClient();
        await (await http.PostAsync("/login", new { username, password = password.Normalize(presented) })).ShouldBePairAsync();
        var plain = await http.PostAsync("/login", new { username, password = "Creme brulee a la facon" });
        await plain.ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task Log_holds_no_names_and_no_passwords_and_answers_no_passwords()
    {
        await using var app = new AuthServerApp(
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"));
        var http = app.CreateClient();
        var account = new
        {
            username = "heisenbug",
            password = Password,
            email = "uncertain@example.org",
            displayName = "Werner",
        };
        var answers = new List<HttpResponseMessage>
        {
            await http.PostAsync("/register", account),
            await http.PostAsync("/register", account),
            await http.PostAsync("/register", account with { username = "a:b", password = account.username }),
            await http.PostAsync("/login", new { account.username, account.password, deviceName = 7 }),
            await http.PostAsync("/login", new { account.username, password = Password + "!" }),
            await http.PostAsync("/login", new { account.username, account.password }),
        };
        Assert.Equal([201, 409, 400, 400, 401, 200], answers.Select(answer => (int)answer.StatusCode));
        foreach (var answer in answers)
        {
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
        }

        Assert.Contains(app.Log.Lines, line => line.Level == Microsoft.Extensions.Logging.LogLevel.Trace);
        string[] secrets = [account.username, Password, account.email, account.displayName];
        Assert.All(app.Log.Lines, line =>
            Assert.DoesNotContain(secrets, secret => line.Text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    private Task<HttpResponseMessage> RegisterAsync(object request) => shared.App.CreateClient().PostAsync("/register", request);

    private Task<string?> EmailOfAsync(string username) => shared.App.InDatabaseAsync(db => db.Users
        .Where(user => user.Username == username)
        .Select(user => user.Email)
        .SingleAsync(TestContext.Current.CancellationToken));

    // A request that is valid except for the field in question.
    private static Dictionary<string, string?> RequestWith(string field, string? value) => new()
    {
        ["username"] = $"somebody{Interlocked.Increment(ref lastNumber)}",
        ["password"] = Password,
        [field] = value,
    };

    private static string Unguessable(int length) =>
        string.Concat(Enumerable.Range(0, length).Select(i => char.ConvertFromUtf32(0x1F300 + (i * i * 31 % 700))));
}
