using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The addresses that the server-rendered samples forward, and the limits that count by them.</summary>
public sealed class ForwardedAddressTests : IDisposable
{
    private const int Browsers = 20;

    private readonly DataFolder data = new();

    public static TheoryData<string> Samples => [.. SampleApplication.Names];

    public void Dispose() => data.Dispose();

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Each_browser_has_rate_limit_of_its_own(string sample)
    {
        var refused = await LogInAtOnceAsync(sample, isApplicationKnown: true, index => $"10.0.{index}.1");
        Assert.Empty(refused);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Rate_limit_of_browser_is_reported(string sample)
    {
        var refused = await LogInAtOnceAsync(sample, isApplicationKnown: true, _ => "10.0.0.1");
        Assert.NotEmpty(refused);
        Assert.All(refused, text => Assert.Matches("Too many attempts. Try again in [0-9]+ s.", text));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Unknown_application_evades_no_rate_limit_by_its_header(string sample)
    {
        var refused = await LogInAtOnceAsync(sample, isApplicationKnown: false, index => $"10.0.{index}.1");
        Assert.NotEmpty(refused);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Browser_without_known_proxy_chooses_no_address(string sample)
    {
        await using var server = await ServerProcess.StartAsync(data, "Proxies:Known:0=127.0.0.1", "Proxies:Known:1=::1");
        await server.Http.RegisterAsync("ada");
        await using var application = await SampleApplication.StartAsync(sample, server.Http.BaseAddress!, proxies: "");
        using var browser = new FormBrowser(application.Address) { Address = "203.0.113.9" };
        await browser.LogInAsync("ada");
        await browser.OpenAsync("/devices");
        Assert.Contains("(this device)", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.9", browser.Html, StringComparison.Ordinal);
    }

    // Returns the pages of the browsers that were refused.
    private async Task<List<string>> LogInAtOnceAsync(string sample, bool isApplicationKnown, Func<int, string> addressOf)
    {
        await using var server = await ServerProcess.StartAsync(
            data,
            [
                "RateLimits:Enabled=true",
                "RateLimits:Credentials:Burst=1",
                .. isApplicationKnown ? ["Proxies:Known:0=127.0.0.1", "Proxies:Known:1=::1"] : Array.Empty<string>(),
            ]);
        await server.Http.RegisterAsync("ada");
        await using var application = await SampleApplication.StartAsync(sample, server.Http.BaseAddress!);
        var pages = await Task.WhenAll(Enumerable.Range(0, Browsers).Select(async index =>
        {
            using var browser = new FormBrowser(application.Address) { Address = addressOf(index) };
            await browser.LogInAsync("ada");
            if (browser.Answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                Assert.Contains("Hello, ada", browser.Html, StringComparison.Ordinal);
                return null;
            }

            Assert.NotNull(browser.Answer.Headers.RetryAfter?.Delta);
            return browser.Html;
        }));
        return [.. pages.OfType<string>()];
    }
}
