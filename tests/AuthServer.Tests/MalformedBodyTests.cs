using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Bodies that are not the JSON of a route, for every route that takes one.</summary>
public sealed class MalformedBodyTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Registration = "{\"username\":\"malformed\",\"password\":\"correct horse battery staple\"";

    private static readonly string[] Routes = ["/register", "/login", "/password", "/reauthenticate", "/refresh", "/logout"];

    private static readonly string[] PrivateRoutes = ["/password", "/reauthenticate"];

    // A member of each route, to be written wrongly.
    private static readonly Dictionary<string, string> Members = new()
    {
        ["/register"] = "password",
        ["/login"] = "username",
        ["/password"] = "newPassword",
        ["/reauthenticate"] = "password",
        ["/refresh"] = "refreshToken",
        ["/logout"] = "refreshToken",
    };

    private readonly HttpClient http = shared.App.CreateClient();

    public static MatrixTheoryData<string, string> WrongBodies { get; } = new(
        Routes,
        [
            "[]", "[{}]", "1", "true", "\"text\"", "{", "}", "{} x", "{}{}", "{},", "{'x':1}", "{x:1}", "{}//", "/**/{}", "nul",
            "{\"\\ud800\":\"\"}", "\xff\xfe", " ",
        ]);

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task Body_that_is_not_one_json_object_is_named(string route, string body) =>
        await (await PostAsync(route, HttpRequests.Raw(body))).ShouldBeInvalidAsync("body");

    [Theory]
    [InlineData("banana")]
    [InlineData("utf-7")]
    [InlineData("utf-16")]
    [InlineData("")]
    public async Task Body_in_another_charset_than_utf8_is_not_read(string charset)
    {
        foreach (var route in Routes.Except(PrivateRoutes))
        {
            var body = HttpRequests.Raw("{}", "application/json; charset=" + charset);
            var answer = await http.SendAsync(HttpMethod.Post, route, content: body);
            await answer.ShouldBeProblemAsync(415, "unsupported_media_type");
        }
    }

    [Fact]
    public async Task Body_with_charset_utf8_in_quotes_is_read()
    {
        await shared.App.LogInAsync("quoted");
        var credentials = $"{{\"username\":\"quoted\",\"password\":\"{AuthServerApp.Password}\"}}";
        var body = HttpRequests.Raw(credentials, "application/json; charset=\"UTF-8\"");
        await (await http.SendAsync(HttpMethod.Post, "/login", content: body)).ShouldBePairAsync();
    }

    [Theory]
    [InlineData("/login", "Basic bnVsbGVkOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=")]
    [InlineData("/refresh", null)]
    [InlineData("/logout", null)]
    public async Task Body_that_is_null_is_not_no_body(string route, string? authorization)
    {
        await shared.App.LogInAsync("nulled");
        var answer = await http.SendAsync(HttpMethod.Post, route, authorization, HttpAssertions.Text("null"));
        await answer.ShouldBeInvalidAsync("body");
    }

    // MEMBER stands for a member of the route.
    public static MatrixTheoryData<string, string> WrongMembers { get; } = new(
        Routes,
        [
            "{\"MEMBER\":1}", "{\"MEMBER\":12345678.5}", "{\"MEMBER\":true}", "{\"MEMBER\":[]}", "{\"MEMBER\":[\"x\"]}",
            "{\"MEMBER\":{}}",
            "{\"MEMBER\":\"x\",\"MEMBER\":\"x\"}", "{\"MEMBER\":null,\"MEMBER\":\"x\"}",
            "{\"MEMBER\":\"\\ud800\"}", "{\"MEMBER\":\"\\udc00\\ud800\"}", "{\"MEMBER\":\"\xff\"}", "{\"MEMBER\":\"\xc0\xaf\"}",
        ]);

    [Theory]
    [MemberData(nameof(WrongMembers))]
    public async Task Body_with_member_of_wrong_type_names_that_member(string route, string body)
    {
        var wrong = HttpRequests.Raw(body.Replace("MEMBER", Members[route], StringComparison.Ordinal));
        await (await PostAsync(route, wrong)).ShouldBeInvalidAsync(Members[route]);
    }

    public static MatrixTheoryData<string, string, string> UnknownMembers { get; } = new(
        Routes,
        ["unlisted", "Username", "PASSWORD", "RefreshToken", "refresh_token", "$type", "__proto__", "a.b", "eyJhbGciOiJI"],
        ["1", "null", "{}"]);

    [Theory]
    [MemberData(nameof(UnknownMembers))]
    public async Task Body_with_unknown_member_is_refused_without_its_name(string route, string member, string value)
    {
        var answer = await PostAsync(route, HttpRequests.Raw($"{{\"{member}\":{value}}}"));
        await answer.ShouldBeInvalidAsync("body");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(member, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain; charset=iso-8859-1")]
    [InlineData("multipart/form-data")]
    public async Task Empty_body_is_none_whatever_its_type(string type)
    {
        var ada = await shared.App.LogInAsync("empty");
        var bearer = "Bearer " + ada.Pair.AccessToken;
        var empty = await http.SendAsync(HttpMethod.Post, "/logout", bearer, HttpRequests.Raw("", type));
        empty.ShouldBe(HttpStatusCode.NoContent);
        var missing = await http.SendAsync(HttpMethod.Post, "/register", content: HttpRequests.Raw("", type));
        await missing.ShouldBeInvalidAsync("body");
        var typed = await http.SendAsync(HttpMethod.Post, "/logout", bearer, HttpRequests.Raw("{}", type));
        await typed.ShouldBeProblemAsync(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("/register")]
    [InlineData("/login")]
    [InlineData("/password")]
    [InlineData("/reauthenticate")]
    [InlineData("/refresh")]
    [InlineData("/logout")]
    public async Task Body_with_deep_nesting_is_refused(string route)
    {
        var deep = $"{{\"{Members[route]}\":{new string('[', 5000)}{new string(']', 5000)}}}";
        await (await PostAsync(route, HttpRequests.Raw(deep))).ShouldBeProblemAsync(400, "invalid_request");
        await (await PostAsync(route, HttpRequests.Raw(new string('[', 16000)))).ShouldBeProblemAsync(400, "invalid_request");
    }

    [Theory]
    [InlineData(",\"email\":null,\"extra\":1}")]
    [InlineData(",\"password\":\"velvet harbour umbrella 92\"}")]
    [InlineData("} trailing")]
    [InlineData(",\"email\":7}")]
    [InlineData(",}")]
    [InlineData("")]
    public async Task Body_that_is_wrong_at_its_end_does_nothing(string end)
    {
        await (await PostAsync("/register", HttpRequests.Raw(Registration + end))).ShouldBeProblemAsync(400, "invalid_request");
        await (await PostAsync("/login", HttpRequests.Raw(Registration + "}"))).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("/register", "")]
    [InlineData("/register", "null")]
    [InlineData("/password/strength", "")]
    [InlineData("/password", "")]
    [InlineData("/password", "null")]
    [InlineData("/reauthenticate", "")]
    [InlineData("/reauthenticate", "null")]
    public async Task Required_body_that_is_absent_is_named(string route, string body) =>
        await (await PostAsync(route, HttpRequests.Raw(body))).ShouldBeInvalidAsync("body");

    [Theory]
    [InlineData("/login", "", 400, "invalid_request")]
    [InlineData("/login", "null", 400, "invalid_request")]
    [InlineData("/refresh", "", 401, "refresh_token_missing")]
    [InlineData("/refresh", "{}", 401, "refresh_token_missing")]
    [InlineData("/refresh", "{\"refreshToken\":null}", 401, "refresh_token_missing")]
    [InlineData("/logout", "{}", 401, "access_token_missing")]
    public async Task Optional_body_that_is_absent_leaves_its_members_missing(string route, string body, int status, string code)
    {
        var answer = await http.SendAsync(HttpMethod.Post, route, content: HttpRequests.Raw(body));
        await answer.ShouldBeProblemAsync(status, code);
    }

    public static MatrixTheoryData<string, string> OtherMediaTypes { get; } = new(
        Routes,
        [
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "text/json",
            "json",
        ]);

    [Theory]
    [MemberData(nameof(OtherMediaTypes))]
    public async Task Body_of_another_media_type_is_unsupported(string route, string mediaType) =>
        await (await PostAsync(route, HttpRequests.Raw("{}", mediaType))).ShouldBeProblemAsync(415, "unsupported_media_type");

    [Fact]
    public async Task Body_without_media_type_is_unsupported()
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        var answer = await http.SendAsync(HttpMethod.Post, "/login", content: content);
        await answer.ShouldBeProblemAsync(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("APPLICATION/JSON")]
    public async Task Body_of_json_in_any_spelling_is_read(string mediaType)
    {
        await shared.App.LogInAsync("malformed-not");
        var body = Registration.Replace("malformed", "malformed-not", StringComparison.Ordinal) + "}";
        (await PostAsync("/login", HttpRequests.Raw(body, mediaType))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Answer_to_malformed_body_repeats_none_of_its_values()
    {
        string[] bodies =
        [
            "{\"username\":\"s3cret", "{\"password\":[\"s3cret\"]}", "{\"username\":\"s3cret\",\"x\":1}",
            "{\"username\":\"a\"} s3cret",
        ];
        foreach (var body in bodies)
        {
            var response = await PostAsync("/register", HttpRequests.Raw(body));
            await response.ShouldBeProblemAsync(400, "invalid_request");
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(shared.App.Log.Lines, line => line.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    // Private routes check the access token before the body.
    private async Task<HttpResponseMessage> PostAsync(string route, HttpContent content)
    {
        var authorization = PrivateRoutes.Contains(route)
            ? "Bearer " + (await shared.App.LogInAsync("changing")).Pair.AccessToken
            : null;
        return await http.SendAsync(HttpMethod.Post, route, authorization, content);
    }
}
