using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>The account page as it is served. Tests in a browser cover its behaviour.</summary>
public sealed partial class AccountPageTests(SharedApp shared) : IClassFixture<SharedApp>
{
    // In bytes in one language, before any compression.
    private const int LargestPages = 116_000;
    private const int LargestAccountPage = 96_000;
    private const int LargestClient = 38_000;

    private readonly HttpClient http = shared.App.CreateClient(new() { AllowAutoRedirect = false });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/playground")]
    public async Task Page_policy_allows_nothing_inline_and_nothing_from_elsewhere(string path)
    {
        var response = await http.GetAsync(path, Ct);
        response.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("unsafe|https?:|\\*|data:", policy);

        var page = await response.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotMatch("<style|<script(?![^>]* src=)| style=| on[a-z]+=|javascript:", page);
        Assert.DoesNotMatch("(https?:)?//[a-zA-Z]", page);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ko")]
    public async Task Page_refers_only_to_files_that_exist(string language)
    {
        var found = await FindFilesAsync(language);
        string[] expected =
        [
            "/account/account.css", "/account/account.js", "/account/panes.js", "/authserver-client.js", "/account/icon.svg",
            "/playground/rotation.js", $"/account/{language}/login.js", $"/account/{language}/account.js",
        ];
        Assert.Superset(expected.ToHashSet(), found.Keys.ToHashSet());
    }

    [Fact]
    public async Task Languages_have_texts_of_same_keys()
    {
        var (english, korean) = (await FindFilesAsync("en"), await FindFilesAsync("ko"));
        var texts = english.Keys.Where(path => path.Contains("/en/", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, texts.Count);
        Assert.All(texts, path =>
        {
            Assert.NotEmpty(KeysOf(english[path]));
            Assert.Equal(KeysOf(english[path]), KeysOf(korean[path.Replace("/en/", "/ko/", StringComparison.Ordinal)]));
        });
    }

    // The messages of fields are the server's in English.
    private static IEnumerable<string> KeysOf(string texts) =>
        TextKeys().Matches(texts.Split(",field:{")[0]).Select(key => key.Groups[1].Value);

    [Theory]
    [InlineData("en")]
    [InlineData("ko")]
    public async Task Pages_weigh_little_and_are_sent_without_comments(string language)
    {
        var files = await FindFilesAsync(language);
        var own = files.Where(file => file.Key is not "/authserver-client.js"
            && !file.Key.StartsWith("/docs", StringComparison.Ordinal)).ToList();
        Assert.InRange(SizeOf(own), 50_000, LargestPages);
        Assert.InRange(
            SizeOf(own.Where(file => !file.Key.Contains("playground", StringComparison.Ordinal))), 50_000, LargestAccountPage);
        Assert.InRange(SizeOf(files.Where(file => file.Key is "/authserver-client.js")), 20_000, LargestClient);
        Assert.All(
            files.Where(file => file.Key.EndsWith("js", StringComparison.Ordinal)),
            file => Assert.DoesNotMatch("(?m)^(?: |//|/[*])", file.Value));
    }

    private static int SizeOf(IEnumerable<KeyValuePair<string, string>> files)
    {
        var size = files.Sum(file => System.Text.Encoding.UTF8.GetByteCount(file.Value));
        TestContext.Current.TestOutputHelper?.WriteLine($"{size} bytes");
        return size;
    }

    private async Task<Dictionary<string, string>> FindFilesAsync(string language)
    {
        var found = new Dictionary<string, string>();
        var open = new Queue<string>(["/", "/playground"]);
        while (open.TryDequeue(out var path))
        {
            if (found.ContainsKey(path))
            {
                continue;
            }

            var response = await http.GetAsync(path, Ct);
            response.ShouldBe(HttpStatusCode.OK);
            var text = found[path] = await response.Content.ReadAsStringAsync(Ct);
            if (path == "/docs" || response.Content.Headers.ContentType!.MediaType == "image/svg+xml")
            {
                continue;
            }

            foreach (Match reference in References().Matches(text))
            {
                open.Enqueue(new Uri(new Uri("http://localhost" + path), reference.Groups[1].Value).AbsolutePath);
            }

            // The module that loads them is in this folder.
            foreach (Match texts in TextFiles().Matches(text))
            {
                var file = texts.Groups[1].Value.Replace("{language}", language, StringComparison.Ordinal);
                open.Enqueue(new Uri(new Uri("http://localhost/account/"), file).AbsolutePath);
            }
        }

        return found;
    }

    [Theory]
    [InlineData("/account/account.css", "text/css; charset=utf-8")]
    [InlineData("/account/account.js", "text/javascript; charset=utf-8")]
    [InlineData("/account/icon.svg", "image/svg+xml; charset=utf-8")]
    [InlineData("/authserver-client.js", "text/javascript; charset=utf-8")]
    public async Task File_is_sent_again_only_if_it_changed(string path, string type)
    {
        var first = await http.GetAsync(path, Ct);
        first.ShouldBe(HttpStatusCode.OK);
        Assert.Equal(type, first.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", first.Headers.CacheControl?.ToString());
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));

        using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        (await http.SendAsync(again, Ct)).ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Page_is_read_only()
    {
        using var head = new HttpRequestMessage(HttpMethod.Head, "/");
        var answer = await http.SendAsync(head, Ct);
        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Ct));
        var post = await http.PostAsync("/");
        await post.ShouldBeProblemAsync(405, "method_not_allowed");
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow.Order());
        await (await http.GetAsync("/account", Ct)).ShouldBeProblemAsync(404, "not_found");
        await (await http.GetAsync("/index.html", Ct)).ShouldBeProblemAsync(404, "not_found");
    }

    [GeneratedRegex("(?:(?:src|href)=\"|from '|import\\(')([^\"'#]+)[\"']")]
    private static partial Regex References();

    [GeneratedRegex("'([^']+[{]language[}][^']+)'")]
    private static partial Regex TextFiles();

    [GeneratedRegex("(?<=[{,])([A-Za-z_]+|'[^']+'):(?=\n?['\"{])")]
    private static partial Regex TextKeys();
}
