using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Pages;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>The brand of the pages, and what they say of the server's settings.</summary>
public sealed partial class BrandingTests
{
    private const string Svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_without_settings_has_our_name_and_no_style_of_its_own()
    {
        var page = await PageAsync();
        Assert.Contains("<title>AuthServer</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain("brand.css", page, StringComparison.Ordinal);
        Assert.DoesNotContain("account/logo", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("terms|privacy|support", page);
    }

    [Fact]
    public async Task Name_is_text_and_no_markup()
    {
        var page = await PageAsync(("Branding:Name", "Smith & <b>Söhne</b>"));
        Assert.Contains("<title>Smith &amp; &lt;b&gt;Söhne&lt;/b&gt;</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_those_of_settings()
    {
        var page = await PageAsync(
            ("Branding:Terms", "https://example.com/terms?a=1&b=2"),
            ("Branding:Privacy", "https://example.com/privacy"),
            ("Branding:Support", "mailto:help@example.com"));
        Assert.Contains("<a href=\"https://example.com/terms?a=1&amp;b=2\" data-text=\"terms\">", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.com/privacy\" data-text=\"privacy\">", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"mailto:help@example.com\" data-text=\"support\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logo_is_file_of_settings_and_runs_no_script()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "logo.svg");
        await File.WriteAllTextAsync(path, Svg, Ct);
        await using var app = new AuthServerApp(("Branding:Logo", path));
        using var http = app.CreateClient();
        Assert.Contains("<img src=\"account/logo\"", await http.GetStringAsync("/", Ct), StringComparison.Ordinal);
        var logo = await http.GetAsync("/account/logo", Ct);
        Assert.Equal("image/svg+xml", logo.Content.Headers.ContentType?.ToString());
        Assert.Equal(Svg, await logo.Content.ReadAsStringAsync(Ct));
        // Its styles count also if it is opened on its own, as a document of this origin.
        Assert.Equal(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'",
            Assert.Single(logo.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData("#2d5bd7", "#ffffff", false)]
    [InlineData("#ffcc00", "#000000", true)]
    [InlineData("#FFFFFF", "#000000", true)]
    [InlineData("#000000", "#ffffff", false)]
    public async Task Color_has_readable_text_and_pale_one_warns(string color, string text, bool warns)
    {
        await using var app = new AuthServerApp(("Branding:Color", color));
        using var http = app.CreateClient();
        Assert.Contains("account/brand.css", await http.GetStringAsync("/", Ct), StringComparison.Ordinal);
        var answer = await http.GetAsync("/account/brand.css", Ct);
        Assert.Equal("text/css; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        var styles = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains($"--accent: {color.ToLowerInvariant()}; --on-accent: {text};", styles, StringComparison.Ordinal);
        Assert.Equal(warns, app.Log.Lines.Any(line => line.Text.Contains("Branding:Color is", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("#ffcc00")]
    [InlineData("#2d5bd7")]
    [InlineData("#777777")]
    [InlineData("#000000")]
    public async Task Color_gets_more_contrast_for_users_who_want_it(string color)
    {
        await using var app = new AuthServerApp(("Branding:Color", color));
        using var http = app.CreateClient();
        var styles = (await http.GetStringAsync("/account/brand.css", Ct)).Split("@media (prefers-contrast: more)");
        Assert.Equal(2, styles.Length);
        foreach (var (part, contrast) in styles.Zip([PageColor.ReadableContrast, PageColor.EnhancedContrast]))
        {
            var match = Colors().Match(part);
            var colors = match.Groups.Values.Skip(1).Select(group =>
                PageColor.TryParse(group.Value, out var parsed) ? parsed : throw new FormatException(group.Value)).ToList();
            Assert.True(colors[0].ContrastTo(colors[1]) >= contrast);
            Assert.True(colors[2].ContrastTo(PageColor.White) >= contrast);
            Assert.True(colors[3].ContrastTo(PageColor.Black) >= contrast);
        }
    }

    [Theory]
    [InlineData("#ffcc00")]
    [InlineData("#2d5bd7")]
    [InlineData("#777777")]
    [InlineData("#00ff00")]
    [InlineData("#000000")]
    [InlineData("#ffffff")]
    public void Every_color_is_readable_as_ground_and_as_link(string text)
    {
        Assert.True(PageColor.TryParse(text, out var color));
        Assert.True(color.ContrastTo(color.TextOnIt()) >= PageColor.ReadableContrast);
        Assert.True(color.ReadableOn(PageColor.White, PageColor.Black).ContrastTo(PageColor.White) >= 4.5);
        Assert.True(color.ReadableOn(PageColor.Black, PageColor.White).ContrastTo(PageColor.Black) >= 4.5);
    }

    [Fact]
    public void Contrast_is_that_of_wcag()
    {
        Assert.Equal(21, PageColor.White.ContrastTo(PageColor.Black), 3);
        Assert.Equal(4.48, new PageColor(0x77, 0x77, 0x77).ContrastTo(PageColor.White), 2);
    }

    [Fact]
    public async Task Page_says_what_server_offers()
    {
        Assert.Contains("<html lang=\"en\" data-minimum=\"8\">", await PageAsync(), StringComparison.Ordinal);
        Assert.Contains(
            "<html lang=\"en\" data-minimum=\"12\" data-registration=\"closed\" data-email=\"required\" data-mail=\"on\">",
            await PageAsync(
                ("Passwords:MinimumLength", "12"),
                ("Accounts:Registration", "false"),
                ("Accounts:RequireVerifiedEmail", "true"),
                ("Accounts:LoginByMail", "true")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", HttpStatusCode.OK)]
    [InlineData("false", HttpStatusCode.NotFound)]
    public async Task Playground_is_served_if_it_is_switched_on(string enabled, HttpStatusCode status)
    {
        await using var app = new AuthServerApp(("Playground:Enabled", enabled));
        using var http = app.CreateClient();
        foreach (var path in new[] { "/playground", "/playground/playground.js", "/playground/playground.css" })
        {
            Assert.Equal(status, (await http.GetAsync(path, Ct)).StatusCode);
        }

        var page = await http.GetStringAsync("/", Ct);
        Assert.Equal(enabled == "true", page.Contains("href=\"playground\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_for_password_managers_leads_to_form()
    {
        await using var app = new AuthServerApp();
        using var http = app.CreateClient(new() { AllowAutoRedirect = false });
        var answer = await http.GetAsync("/.well-known/change-password", Ct);
        answer.ShouldBe(HttpStatusCode.Redirect);
        Assert.Equal("../#password", answer.Headers.Location?.OriginalString);
    }

    [GeneratedRegex(@"--accent: (#\w+); --on-accent: (#\w+); --link: light-dark\((#\w+), (#\w+)\);")]
    private static partial Regex Colors();

    private static async Task<string> PageAsync(params (string, string)[] settings)
    {
        await using var app = new AuthServerApp(settings);
        using var http = app.CreateClient();
        return await http.GetStringAsync("/", Ct);
    }
}
