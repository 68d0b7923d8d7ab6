using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace AuthServer.Tests;

/// <summary>The API reference as it is served. Tests in a browser cover its behaviour.</summary>
public sealed partial class DocsTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private readonly HttpClient http = shared.App.CreateClient(new() { AllowAutoRedirect = false });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_has_no_inline_script_and_loads_only_from_its_own_server()
    {
        var response = await http.GetAsync("/docs", Ct);
        response.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var page = await response.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotMatch("(https?:)?//[a-zA-Z]", page);
        Assert.DoesNotMatch("<style|<script(?![^>]* src=)| style=| on[a-z]+=|javascript:|<base", page);

        var sources = Sources().Matches(page).Select(match => new Uri(new Uri("http://localhost/docs"), match.Groups[1].Value));
        Assert.Equal(["/docs/scalar.js", "/docs/docs.js"], sources.Select(source => source.AbsolutePath));
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotMatch("https?:|\\*|'unsafe-eval'", policy);
        Assert.Matches("^default-src 'none'; script-src 'self'; ", policy);
        Assert.EndsWith("; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/docs/docs.js", "")]
    [InlineData("/docs/scalar.js", "")]
    [InlineData("/docs/scalar.js", "gzip")]
    [InlineData("/docs/scalar.js", "br, gzip;q=0.5")]
    [InlineData("/docs/scalar.js", "gzip;q=0")]
    public async Task Script_is_sent_again_only_if_it_changed(string path, string encoding)
    {
        var first = await GetAsync(path, encoding, tag: null);
        first.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/javascript; charset=utf-8", first.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", first.Headers.CacheControl?.ToString());
        var body = await first.Content.ReadAsStreamAsync(Ct);
        var isCompressed = first.Content.Headers.ContentEncoding.Contains("gzip");
        Assert.Equal(encoding.Contains("gzip", StringComparison.Ordinal) && encoding != "gzip;q=0", isCompressed);
        await using var script = isCompressed ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var reader = new StreamReader(script);
        Assert.Contains("createApiReference", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);

        (await GetAsync(path, encoding, first.Headers.ETag!.ToString())).ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Address_with_slash_leads_to_page_below_any_path()
    {
        var response = await http.GetAsync("/docs/", Ct);
        response.ShouldBe(HttpStatusCode.Redirect);
        Assert.Equal("../docs", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Document_has_length_and_tag()
    {
        var response = await http.GetAsync("/openapi/v1.json", Ct);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal((await response.Content.ReadAsByteArrayAsync(Ct)).Length, response.Content.Headers.ContentLength);
        (await GetAsync("/openapi/v1.json", "", $"{response.Headers.ETag}")).ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Document_is_made_once_and_after_failure_once_more()
    {
        var provider = new FailingOnce();
        await using var app = new AuthServerApp(services =>
            services.AddKeyedSingleton<IOpenApiDocumentProvider>("v1", provider));
        using var client = app.CreateClient();
        await (await client.GetAsync("/openapi/v1.json", Ct)).ShouldBeProblemAsync(500, "internal_error");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GetAsync("/openapi/v1.json", Ct)));
        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.OK));
        Assert.Equal(2, provider.Calls);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/docs/docs.js")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/openapi/v1.json")]
    public async Task Reference_that_is_switched_off_is_not_found(string path)
    {
        await using var app = new AuthServerApp(("Docs:Enabled", "false"));
        using var client = app.CreateClient();
        await (await client.GetAsync(path, Ct)).ShouldBeProblemAsync(404, "not_found");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Account_page_links_to_reference_unless_it_is_switched_off(string enabled)
    {
        await using var app = new AuthServerApp(("Docs:Enabled", enabled));
        using var client = app.CreateClient();
        var page = await client.GetStringAsync("/", Ct);
        Assert.Equal(enabled == "true", page.Contains("docs", StringComparison.Ordinal));
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> GetAsync(string path, string encoding, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        Assert.True(request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding));
        Assert.True(tag is null || request.Headers.TryAddWithoutValidation("If-None-Match", tag));
        return http.SendAsync(request, Ct);
    }

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex Sources();

    private sealed class FailingOnce : IOpenApiDocumentProvider
    {
        public int Calls { get; private set; }

        public Task<OpenApiDocument> GetOpenApiDocumentAsync(CancellationToken cancellationToken = default) => ++Calls == 1
            ? throw new InvalidOperationException("a secret of the framework")
            : Task.FromResult(new OpenApiDocument { Info = new OpenApiInfo { Title = "Made", Version = "v1" } });
    }
}
