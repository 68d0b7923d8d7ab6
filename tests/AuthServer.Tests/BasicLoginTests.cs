using System.Net;
using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Login by HTTP Basic. Source: RFC 7617.</summary>
public sealed class BasicLoginTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private readonly HttpClient http = shared.App.CreateClient();

    [Theory]
    [InlineData("ada", "correct horse battery staple")]
    [InlineData("colon", "a:password:with::colons:")]
    [InlineData("Jürgen Groß", "Löwenzahnwurzel über 北京")]
    [InlineData("pad", "kT9#vQ2m")]
    [InlineData("padd", "kT9#vQ2m")]
    [InlineData("paddd", "kT9#vQ2m")]
    public async Task Basic_with_name_and_password_in_utf8_logs_in(string username, string password)
    {
        await http.PostAsync("/register", new { username, password });
        await (await LoginAsync(BasicOf($"{username}:{password}"))).ShouldBePairAsync();
        await (await LoginAsync(BasicOf($"{username}:{password}:"))).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("BASIC")]
    public async Task Basic_scheme_in_any_case_logs_in(string scheme)
    {
        await shared.App.LogInAsync("scheme");
        await (await LoginAsync(scheme + BasicOf("scheme:" + AuthServerApp.Password)["Basic".Length..])).ShouldBePairAsync();
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic YWRhOm5vIGJhc2U2NA=")] // One padding character is missing.
    [InlineData("Basic YWRhOng")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic YWRh_-==")] // base64url.
    [InlineData("Basic YWRhLW5vLWNvbG9u")] // ada-no-colon
    [InlineData("Basic /zr/")] // FF : FF
    [InlineData("Basic YWRhOsMo")] // Truncated UTF-8 sequence.
    public async Task Basic_that_is_malformed_names_its_header(string authorization) =>
        await (await LoginAsync(authorization)).ShouldBeInvalidAsync("Authorization");

    [Theory]
    [InlineData(":password", "username")]
    [InlineData("ada:", "password")]
    public async Task Basic_without_name_or_password_names_missing_field(string credentials, string field) =>
        await (await LoginAsync(BasicOf(credentials))).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"deviceName\":\"Laptop\"}")]
    [InlineData("{\"username\":\"twice\",\"password\":\"correct horse battery staple\"}")]
    public async Task Basic_with_body_is_refused(string body)
    {
        await shared.App.LogInAsync("twice");
        var response = await LoginAsync(BasicOf("twice:" + AuthServerApp.Password), HttpAssertions.Text(body));
        await response.ShouldBeInvalidAsync("body");
    }

    [Fact]
    public async Task Basic_with_empty_json_body_logs_in()
    {
        await shared.App.LogInAsync("empty");
        await (await LoginAsync(BasicOf("empty:" + AuthServerApp.Password), HttpAssertions.Text(""))).ShouldBePairAsync();
    }

    [Fact]
    public async Task Basic_that_is_refused_answers_like_json_and_never_asks_for_basic()
    {
        await shared.App.LogInAsync("asked");
        var basic = await LoginAsync(BasicOf("asked:wrong"));
        var json = await http.PostAsync("/login", new { username = "asked", password = "wrong" });
        Assert.Equal(json.Headers.ToString(), basic.Headers.ToString());
        Assert.Equal("Bearer", basic.Headers.WwwAuthenticate.ToString());
        await basic.ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("GET", "/me", "access_token_missing")]
    [InlineData("POST", "/logout/all", "access_token_missing")]
    [InlineData("POST", "/refresh", "refresh_token_missing")]
    [InlineData("POST", "/logout", "access_token_missing")]
    public async Task Basic_on_other_routes_is_no_credential(string method, string path, string code)
    {
        var ada = await shared.App.LogInAsync("elsewhere");
        var response = await http.SendAsync(new HttpMethod(method), path, BasicOf("elsewhere:" + AuthServerApp.Password));
        await response.ShouldBeProblemAsync(401, code);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> LoginAsync(string authorization, HttpContent? content = null) =>
        http.SendAsync(HttpMethod.Post, "/login", authorization, content);

    private static string BasicOf(string credentials) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
}
