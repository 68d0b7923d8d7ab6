using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>Logins by another provider.</summary>
public sealed class ExternalLoginTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private FakeIssuer issuer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => issuer = await FakeIssuer.StartAsync(clock);

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Fact]
    public async Task First_login_opens_account_and_next_one_finds_it()
    {
        await using var app = Start();
        var laptop = new ExternalBrowser(app, issuer);
        Assert.Equal(new Uri($"{Origin}/"), await laptop.LogInAsync());
        var me = await laptop.MeAsync(await laptop.RefreshAsync());
        Assert.Equal("ada", me.GetProperty("username").GetString());
        Assert.Equal("Ada Lovelace", me.GetProperty("displayName").GetString());

        // Under the same id, the name at the provider may change.
        issuer.User["preferred_username"] = "lovelace";
        var phone = new ExternalBrowser(app, issuer);
        await phone.LogInAsync();
        var again = await phone.MeAsync(await phone.RefreshAsync());
        Assert.Equal(me.GetProperty("id").GetGuid(), again.GetProperty("id").GetGuid());
        var sessions = await app.InDatabaseAsync(db => db.Sessions.ToListAsync(Ct));
        Assert.Equal([AuthenticationMethods.External, AuthenticationMethods.External], sessions.Select(row => row.Methods));
    }

    [Fact]
    public async Task Login_opens_session_without_tokens_if_asked()
    {
        await using var app = Start();
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync("?transport=session");
        Assert.Equal("ada", (await browser.MeAsync()).GetProperty("username").GetString());
        var sessions = await (await browser.GetAsync("/sessions")).ShouldBeJsonAsync();
        Assert.Equal("ext", sessions.GetProperty("sessions")[0].GetProperty("amr")[0].GetString());
    }

    [Theory]
    [InlineData("?transport=session")]
    [InlineData("")]
    public async Task Second_login_of_browser_replaces_session_of_first(string query)
    {
        await using var app = Start();
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync(query);
        await browser.LogInAsync(query);
        var sessions = await app.InDatabaseAsync(db => db.Sessions.OrderBy(row => row.CreatedAt).ToListAsync(Ct));
        Assert.Equal([EndReason.Replaced, null], sessions.OrderBy(row => row.EndReason is null).Select(row => row.EndReason));
    }

    [Fact]
    public async Task Login_returns_to_allowed_addresses_alone()
    {
        await using var app = Start(("Cors:Origins:0", "https://app.example.com"));
        var browser = new ExternalBrowser(app, issuer);
        const string page = "https://app.example.com/board?page=2#top";
        Assert.Equal(page, (await browser.LogInAsync($"?return_to={Uri.EscapeDataString(page)}")).OriginalString);
        foreach (var foreign in new[] { "https://evil.example/", "//evil.example", "https://app.example.com@evil.example" })
        {
            var answer = await browser.GetAsync($"/login/external/fake?return_to={Uri.EscapeDataString(foreign)}");
            await answer.ShouldBeInvalidAsync("return_to");
        }

        await (await browser.GetAsync("/login/external/fake?transport=body")).ShouldBeInvalidAsync("transport");
        await (await browser.GetAsync("/login/external/other")).ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Request_is_pushed_where_provider_offers_it()
    {
        await using var pushed = await FakeIssuer.StartAsync(clock, takesPushedRequests: true);
        await using var app = new AuthServerApp(pushed.Settings()) { Clock = clock };
        var browser = new ExternalBrowser(app, pushed);
        Assert.Equal(new Uri($"{Origin}/"), await browser.LogInAsync());
        Assert.Equal("ada", (await browser.MeAsync(await browser.RefreshAsync())).GetProperty("username").GetString());
    }

    [Fact]
    public async Task Concurrent_first_logins_open_one_account()
    {
        await using var app = Start();
        var browsers = Enumerable.Range(0, 8).Select(_ => new ExternalBrowser(app, issuer)).ToList();
        List<Uri> answers = [];
        foreach (var browser in browsers)
        {
            answers.Add(issuer.Authorize(await browser.BeginAsync()));
        }

        var ends = await Task.WhenAll(browsers.Zip(answers, (browser, answer) => browser.EndAsync(answer)));
        Assert.All(ends, end => Assert.Equal(new Uri($"{Origin}/"), end));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.Equal(8, await app.InDatabaseAsync(db => db.Sessions.CountAsync(row => row.EndedAt == null, Ct)));
    }

    [Fact]
    public async Task Login_while_database_is_away_says_so_and_opens_nothing()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo, issuer.Settings()) { Clock = clock };
        var browser = new ExternalBrowser(app, issuer);
        var answer = issuer.Authorize(await browser.BeginAsync());
        probe.CommandFault = TestDatabase.Away;
        var end = QueryHelpers.ParseQuery((await browser.EndAsync(answer)).Query);
        Assert.Equal("temporarily_unavailable", end["error"]);
        Assert.Equal("unavailable", end["error_description"]);
        probe.CommandFault = null;
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.Equal(new Uri($"{Origin}/"), await browser.LogInAsync());
    }

    [Theory]
    [InlineData("image")]
    [InlineData("iframe")]
    [InlineData("empty")]
    public async Task Part_of_page_begins_no_login(string destination)
    {
        await using var app = Start();
        using var http = app.CreateClient(new() { AllowAutoRedirect = false });
        http.DefaultRequestHeaders.Add("Sec-Fetch-Dest", destination);
        var answer = await http.GetAsync("/login/external/fake", Ct);
        await answer.ShouldBeProblemAsync(403, "cross_site");
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Providers_are_listed_by_name()
    {
        await using var app = Start(("ExternalLogins:Providers:fake:Name", "Fake & Co"));
        var list = await (await app.CreateClient().GetAsync("/login/external", Ct)).ShouldBeJsonAsync();
        Assert.Equal("""[{"id":"fake","name":"Fake \u0026 Co"}]""", list.GetProperty("providers").GetRawText());
    }

    [Fact]
    public async Task Without_providers_nothing_of_them_is_loaded()
    {
        await using var app = new AuthServerApp();
        var http = app.CreateClient();
        var list = await (await http.GetAsync("/login/external", Ct)).ShouldBeJsonAsync();
        Assert.Equal(0, list.GetProperty("providers").GetArrayLength());
        await (await http.GetAsync("/login/external/google", Ct)).ShouldBeProblemAsync(404, "not_found");
        Assert.Null(app.Services.GetService<OpenIddict.Client.OpenIddictClientService>());
    }

    [Fact]
    public async Task Providers_need_no_data_protection_and_no_scheme()
    {
        await using var app = Start();
        Assert.Null(app.Services.GetService<IDataProtectionProvider>());
        var schemes = app.Get<Microsoft.AspNetCore.Authentication.IAuthenticationSchemeProvider>();
        Assert.Empty(await schemes.GetRequestHandlerSchemesAsync());
    }

    [Fact]
    public async Task Callback_may_come_to_another_node()
    {
        // The nodes of a cluster have one root key.
        var root = ("Keys:Root:1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await using var first = Start(root);
        await using var second = Start(root);
        var begun = await new ExternalBrowser(first, issuer).GetAsync("/login/external/fake?transport=session");
        using var other = second.CreateClient(
            new() { BaseAddress = new(Origin), AllowAutoRedirect = false, HandleCookies = false });
        using var callback = new HttpRequestMessage(HttpMethod.Get, issuer.Authorize(begun.Headers.Location!));
        callback.Headers.Add("Cookie", begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        var answer = await other.SendAsync(callback, Ct);
        Assert.Equal($"{Origin}/", answer.Headers.Location?.OriginalString);
        Assert.NotNull(SessionBrowser.CookieOf(answer));
    }

    [Fact]
    public async Task Cookie_of_state_is_for_one_host_and_one_login()
    {
        await using var app = Start();
        var browser = new ExternalBrowser(app, issuer);
        var begun = await browser.GetAsync("/login/external/fake");
        var cookie = begun.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-external.", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure; samesite=none; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        var ended = await browser.GetAsync(issuer.Authorize(begun.Headers.Location!).ToString());
        Assert.Contains(
            ended.Headers.GetValues("Set-Cookie"), set => set.StartsWith(cookie.Split('=')[0] + "=;", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ada", "Ada")]
    [InlineData("ada@example.com", "ada")]
    [InlineData(":@\u0000", "user")]
    [InlineData("에이다 러브레이스", "에이다 러브레이스")]
    public async Task Name_is_made_fit_and_unique(string wish, string expected)
    {
        await using var app = Start();
        issuer.User = new JsonObject { ["sub"] = "1", ["preferred_username"] = wish };
        await new ExternalBrowser(app, issuer).LogInAsync();
        issuer.User["sub"] = "2";
        await new ExternalBrowser(app, issuer).LogInAsync();
        var names = await app.InDatabaseAsync(db => db.Users.Select(row => row.Username).ToListAsync(Ct));
        Assert.Equal(2, names.Distinct().Count());
        Assert.Contains(names, name => string.Equals(expected, name, StringComparison.OrdinalIgnoreCase));
        Assert.All(names, name => Assert.StartsWith(expected, name, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Account_without_password_is_like_none_to_password_logins()
    {
        await using var app = Start();
        await new ExternalBrowser(app, issuer).LogInAsync();
        var login = await app.CreateClient().PostAsync("/login", new { username = "ada", AuthServerApp.Password });
        await login.ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task Closed_registration_lets_known_identities_in()
    {
        using var folder = new TempFolder();
        await using (var open = Start(("Data:Directory", folder.Path)))
        {
            await new ExternalBrowser(open, issuer).LogInAsync();
        }

        await using var closed = Start(("Data:Directory", folder.Path), ("Accounts:Registration", "false"));
        Assert.Null(ErrorOf(await new ExternalBrowser(closed, issuer).LogInAsync()));
        issuer.User["sub"] = "5678";
        var refused = ErrorOf(await new ExternalBrowser(closed, issuer).LogInAsync());
        Assert.Equal(("access_denied", "registration_closed"), refused);
    }

    [Fact]
    public async Task Disabled_account_gets_no_session()
    {
        await using var app = Start();
        await new ExternalBrowser(app, issuer).LogInAsync();
        var id = await app.InDatabaseAsync(db => db.Users.Select(row => row.Id).SingleAsync(Ct));
        Assert.Equal(
            AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, Ct));
        var refused = ErrorOf(await new ExternalBrowser(app, issuer).LogInAsync());
        Assert.Equal(("access_denied", "invalid_credentials"), refused);
    }

    [Fact]
    public async Task Provider_may_be_plain_oauth_with_nested_members()
    {
        await using var app = new AuthServerApp(
            ("ExternalLogins:Providers:naver:Type", "oauth"),
            ("ExternalLogins:Providers:naver:ClientId", FakeIssuer.ClientId),
            ("ExternalLogins:Providers:naver:ClientSecret", FakeIssuer.ClientSecret),
            ("ExternalLogins:Providers:naver:AuthorizationEndpoint", $"{issuer.Address}/authorize"),
            ("ExternalLogins:Providers:naver:TokenEndpoint", $"{issuer.Address}/token"),
            ("ExternalLogins:Providers:naver:UserInfoEndpoint", $"{issuer.Address}/userinfo"),
            ("ExternalLogins:Providers:naver:Claims:Subject", "response.id"),
            ("ExternalLogins:Providers:naver:Claims:Name", "response.name"),
            ("ExternalLogins:Providers:naver:Claims:PreferredUsername", "response.nickname"))
        {
            Clock = clock,
        };
        issuer.OnDescription = user =>
        {
            user.Clear();
            user["resultcode"] = "00";
            user["response"] = new JsonObject { ["id"] = "abc", ["name"] = "김에이다", ["nickname"] = "에이다" };
        };
        var browser = new ExternalBrowser(app, issuer);
        Assert.Null(ErrorOf(await browser.LogInAsync("?transport=session", "naver")));
        var me = await browser.MeAsync();
        Assert.Equal("에이다", me.GetProperty("username").GetString());
        Assert.Equal("김에이다", me.GetProperty("displayName").GetString());
    }

    private AuthServerApp Start(params (string Key, string Value)[] settings) =>
        new([.. issuer.Settings(), .. settings]) { Clock = clock };
}
