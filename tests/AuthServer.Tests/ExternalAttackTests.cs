using AuthServer.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Time.Testing;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>Logins by other providers that a page, a browser or a provider of bad intent begins or ends.</summary>
public sealed class ExternalAttackTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private FakeIssuer issuer = null!;
    private AuthServerApp app = null!;
    private ExternalBrowser browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await FakeIssuer.StartAsync(clock);
        app = new AuthServerApp(issuer.Settings()) { Clock = clock };
        browser = new ExternalBrowser(app, issuer);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Text_that_is_no_unicode_is_answer_that_cannot_be_trusted()
    {
        await using var oauth = new AuthServerApp(OAuthSettings()) { Clock = clock };
        issuer.OnDescriptionText = """{"sub":"1","name":"\ud800"}""";
        var end = await new ExternalBrowser(oauth, issuer).LogInAsync();
        Assert.Equal(("server_error", "server_error"), ErrorOf(end));
    }

    [Fact]
    public async Task Form_without_answer_is_fault_of_browser()
    {
        var begun = await browser.BeginAsync();
        var end = await browser.EndByFormAsync("/login/external/fake/callback", begun, []);
        Assert.Equal("invalid_request", ErrorOf(end)?.Error);
    }

    [Fact]
    public async Task Provider_with_script_for_address_is_refused()
    {
        issuer.AuthorizationEndpoint = "javascript:alert(1)";
        var answer = await browser.GetAsync("/login/external/fake");
        Assert.Equal("https", answer.Headers.Location?.Scheme);
        Assert.Equal("server_error", ErrorOf(answer.Headers.Location!)?.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OAuth_server_that_names_itself_needs_its_setting(bool isSet)
    {
        var settings = OAuthSettings(isSet ? [("ExternalLogins:Providers:fake:Issuer", issuer.Address)] : []);
        await using var oauth = new AuthServerApp(settings) { Clock = clock };
        var other = new ExternalBrowser(oauth, issuer);
        var callback = issuer.Authorize(await other.BeginAsync());
        var end = await other.EndAsync(new Uri(QueryHelpers.AddQueryString(callback.ToString(), "iss", issuer.Address)));
        Assert.Equal(isSet ? null : ("invalid_request", "invalid_request"), ErrorOf(end));
    }

    [Fact]
    public async Task Cookie_of_state_counts_in_its_own_case_alone()
    {
        var begun = await browser.BeginAsync();
        var name = Assert.Single(browser.StateCookies);
        var victim = new ExternalBrowser(app, issuer);
        victim.SetCookie(name.ToUpperInvariant(), browser.CookieOf(name));
        Assert.Equal("invalid_request", ErrorOf(await victim.EndAsync(issuer.Authorize(begun)))?.Error);
    }

    [Fact]
    public async Task Many_logins_on_their_way_leave_few_cookies()
    {
        for (var login = 0; login < 40; login++)
        {
            await browser.BeginAsync();
            Assert.InRange(browser.StateCookies.Count, 1, 9);
        }

        Assert.Null(ErrorOf(await browser.LogInAsync()));
    }

    [Fact]
    public async Task Page_of_other_site_leads_to_login_page_first()
    {
        using var http = app.CreateClient(new() { AllowAutoRedirect = false });
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        var answer = await http.GetAsync("/login/external/fake?return_to=https%3A%2F%2Flocalhost%2Fa", Ct);
        Assert.Equal("http://localhost/?return_to=https%3A%2F%2Flocalhost%2Fa", answer.Headers.Location?.OriginalString);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task New_accounts_count_as_registrations()
    {
        (string Key, string Value)[] limits = [("RateLimits:Enabled", "true"), ("RateLimits:RegistrationsPerDay", "1")];
        await using var limited = new AuthServerApp([.. issuer.Settings(), .. limits]) { Clock = clock };
        Assert.Null(ErrorOf(await new ExternalBrowser(limited, issuer).LogInAsync()));
        Assert.Null(ErrorOf(await new ExternalBrowser(limited, issuer).LogInAsync()));
        issuer.User["sub"] = "5678";
        var refused = ErrorOf(await new ExternalBrowser(limited, issuer).LogInAsync());
        Assert.Equal(("access_denied", "too_many_requests"), refused);
    }

    private (string Key, string Value)[] OAuthSettings(params (string Key, string Value)[] more) =>
    [
        ("ExternalLogins:Providers:fake:Type", "oauth"),
        ("ExternalLogins:Providers:fake:ClientId", FakeIssuer.ClientId),
        ("ExternalLogins:Providers:fake:ClientSecret", FakeIssuer.ClientSecret),
        ("ExternalLogins:Providers:fake:AuthorizationEndpoint", $"{issuer.Address}/authorize"),
        ("ExternalLogins:Providers:fake:TokenEndpoint", $"{issuer.Address}/token"),
        ("ExternalLogins:Providers:fake:UserInfoEndpoint", $"{issuer.Address}/userinfo"),
        .. more,
    ];
}
