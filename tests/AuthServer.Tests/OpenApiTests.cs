using System.Text.Json;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace AuthServer.Tests;

public sealed partial class OpenApiTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string OfAccess = "access_token_missing access_token_expired access_token_invalid";
    private const string OfPrivate = OfAccess + " session_invalid session_ended";
    private const string OfRefresh = "refresh_token_missing refresh_token_invalid refresh_token_expired refresh_token_reused";
    private const string OfBody = "invalid_request body_too_large unsupported_media_type";
    private const string OfRate = "too_many_requests";

    private const string OfChange = $"cross_site not_found reauthentication_required {OfPrivate} {OfRate} unavailable";

    private const string OfLogin =
        "invalid_credentials second_factor_required email_unverified second_factor_setup_required too_many_sessions";

    private const string OfPasskeyLogin = "invalid_credentials email_unverified too_many_sessions";

    private const string OfSecondLogin = "second_factor_invalid email_unverified link_invalid too_many_sessions";

    private const string OfFactors = $"cross_site reauthentication_required {OfPrivate} {OfRate} unavailable";

    private const string OfEmail = $"cross_site reauthentication_required {OfPrivate} {OfRate} unavailable";

    private const string OfProof =
        "cross_site invalid_credentials second_factor_required second_factor_invalid token_mismatch refresh_token_invalid "
        + "refresh_token_expired refresh_token_reused "
        + $"{OfPrivate} {OfBody} {OfRate} unavailable";

    // A wrong method and a defect of the server belong to no route in particular, and no route is for administrators yet.
    private static readonly ErrorCode[] OfNoRoute =
    [
        ErrorCode.MethodNotAllowed, ErrorCode.InternalError, ErrorCode.Forbidden,
    ];

    private readonly HttpClient http = shared.App.CreateClient();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_describes_exactly_routes_of_server()
    {
        var routes = Routes().Select(route => route.Key).Order();
        Assert.Contains("post /login", routes);
        Assert.Equal(routes, (await OperationsAsync()).Keys.Order());
    }

    private static readonly Dictionary<string, string[]> Optional = new()
    {
        ["post /login"] = ["", "basic"],
        ["post /refresh"] = ["", "bearer"],
        ["post /logout"] = ["", "bearer"],
        ["post /introspect"] = ["basic"],
        ["get /sessions/ended"] = ["basic"],
    };

    [Fact]
    public async Task Document_shows_places_of_tokens()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var parameters = operation.TryGetProperty("parameters", out var described)
                ? described.EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()).ToList()
                : [];
            var replacesTokens = name is "post /password" or "post /reauthenticate" or "post /refresh";
            var takesToken = replacesTokens || name == "post /logout";
            var begins = name == "get /login/external/{provider}";
            var opens = name is "post /login" or "post /login/second-factor" or "post /login/passkey";
            Assert.Equal(replacesTokens || begins || opens, parameters.Contains("transport"));
            Assert.Equal(begins || name == "post /external-logins/{provider}", parameters.Contains("return_to"));
            Assert.Equal(takesToken, parameters.Contains("X-Refresh-Token"));
            Assert.Equal(takesToken, parameters.Contains("__Host-refresh"));
        }
    }

    [Fact]
    public async Task Document_requires_token_or_cookie_on_exactly_private_routes()
    {
        var document = await DocumentAsync();
        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.False(document.TryGetProperty("security", out _));
        foreach (var (name, operation) in await OperationsAsync())
        {
            var isPrivate = Routes()[name].Metadata.GetOrderedMetadata<IAuthorizeData>().Count > 0;
            var alternatives = operation.TryGetProperty("security", out var security)
                ? security.EnumerateArray().Select(schemes => string.Join(" ", schemes.EnumerateObject().Select(s => s.Name)))
                : [];

            // An empty alternative means that the route does not require credentials.
            Assert.Equal(isPrivate ? ["bearer", "session"] : Optional.GetValueOrDefault(name, []), alternatives);
            if (isPrivate)
            {
                Assert.Superset(OfPrivate.Split(' ').ToHashSet(), CodesOf(operation).ToHashSet());
            }
        }
    }

    [Fact]
    public async Task Document_has_body_of_each_success_and_errors_as_problems()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var responses = operation.GetProperty("responses").EnumerateObject().ToDictionary(r => r.Name, r => r.Value);
            var successes = responses.Where(response => response.Key[0] is '2' or '3').ToList();
            Assert.Equal(name is "post /password" or "post /reauthenticate" ? 2 : 1, successes.Count);
            foreach (var (status, success) in successes)
            {
                var hasBody = success.TryGetProperty("content", out var body);
                Assert.True(hasBody == (status is not ("202" or "204" or "302") && name != "post /revoke"), $"{name} {status}");
                if (hasBody && name != "get /sessions/ended")
                {
                    var schema = body.GetProperty("application/json").GetProperty("schema");
                    Assert.NotEmpty(schema.GetProperty("$ref").GetString()!);
                }
            }

            foreach (var (error, response) in responses.Except(successes))
            {
                var content = Assert.Single(response.GetProperty("content").EnumerateObject());
                Assert.Equal("application/problem+json", content.Name);
                Assert.Equal("#/components/schemas/Problem", content.Value.GetProperty("schema").GetProperty("$ref").GetString());
                var codes = CodesOf(response);
                Assert.NotEmpty(codes);
                Assert.All(codes, code => Assert.Equal(error, StatusOf(code)));
            }

            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.NotEmpty(operation.GetProperty("operationId").GetString()!);
        }
    }

    [Theory]
    [InlineData("post /register", 201, $"registration_closed username_taken {OfBody} {OfRate} unavailable")]
    [InlineData("post /login", 200, $"cross_site {OfLogin} {OfBody} {OfRate} unavailable")]
    [InlineData("post /refresh", 200, $"cross_site token_mismatch {OfRefresh} session_ended {OfBody} {OfRate} unavailable")]
    [InlineData("post /logout", 204, $"cross_site token_mismatch {OfAccess} {OfBody} {OfRate} unavailable")]
    [InlineData("post /logout/all", 204, $"cross_site invalid_request {OfPrivate} too_many_requests unavailable")]
    [InlineData("post /password", 200, $"reauthentication_required {OfProof}")]
    [InlineData("post /reauthenticate", 200, OfProof)]
    [InlineData("get /me", 200, $"{OfPrivate} unavailable")]
    [InlineData("patch /me", 200, $"username_taken {OfEmail} {OfBody}")]
    [InlineData("get /me/profile", 200, $"{OfPrivate} too_many_requests unavailable")]
    [InlineData("get /me/export", 200, $"cross_site reauthentication_required {OfPrivate} {OfRate} unavailable")]
    [InlineData("delete /me", 204, $"{OfEmail} last_admin")]
    [InlineData("get /sessions", 200, $"invalid_request {OfPrivate} too_many_requests unavailable")]
    [InlineData("delete /sessions/{id}", 204, $"cross_site {OfPrivate} not_found too_many_requests unavailable")]
    [InlineData("get /login/external", 200, "")]
    [InlineData("get /login/external/{provider}", 302, $"invalid_request not_found cross_site {OfRate}")]
    [InlineData("get /external-logins", 200, $"{OfPrivate} {OfRate} unavailable")]
    [InlineData("post /external-logins/{provider}", 200, $"invalid_request external_login_failed {OfChange}")]
    [InlineData("delete /external-logins/{id}", 204, $"last_credential {OfChange}")]
    [InlineData("post /passkeys/options", 200, $"invalid_request {OfEmail}")]
    [InlineData("post /passkeys", 201, $"{OfEmail} {OfBody}")]
    [InlineData("patch /passkeys/{id}", 204, $"cross_site not_found {OfPrivate} {OfRate} unavailable {OfBody}")]
    [InlineData("delete /passkeys/{id}", 204, $"last_credential {OfChange}")]
    [InlineData("post /login/passkey/options", 200, $"second_factor_invalid {OfBody} {OfRate} unavailable")]
    [InlineData("post /login/passkey", 200, $"cross_site {OfPasskeyLogin} {OfBody} {OfRate} unavailable")]
    [InlineData("post /password/strength", 200, $"{OfBody} {OfRate} unavailable")]
    [InlineData("post /password/forgot", 202, $"{OfBody} {OfRate} unavailable")]
    [InlineData("post /password/reset", 204, $"link_invalid {OfBody} {OfRate} unavailable")]
    [InlineData("post /email", 202, $"{OfEmail} {OfBody}")]
    [InlineData("delete /email", 204, $"{OfEmail} last_credential")]
    [InlineData("post /email/confirm", 204, $"link_invalid email_taken {OfBody} {OfRate} unavailable")]
    [InlineData("post /links/inspect", 200, $"link_invalid {OfBody} {OfRate} unavailable")]
    [InlineData("post /login/second-factor", 200, $"cross_site {OfSecondLogin} {OfBody} {OfRate} unavailable")]
    [InlineData("post /login/second-factor/totp", 200, $"second_factor_invalid {OfBody} {OfRate} unavailable")]
    [InlineData("post /login/second-factor/totp/confirm", 200, $"second_factor_invalid {OfBody} {OfRate} unavailable")]
    [InlineData("get /second-factors", 200, $"{OfPrivate} {OfRate} unavailable")]
    [InlineData("patch /second-factors", 200, $"{OfFactors} {OfBody}")]
    [InlineData("post /second-factors/totp", 200, $"{OfFactors} invalid_request")]
    [InlineData("post /second-factors/totp/confirm", 200, $"{OfFactors} second_factor_invalid {OfBody}")]
    [InlineData("delete /second-factors/totp", 204, $"{OfFactors} not_found")]
    [InlineData("post /second-factors/recovery-codes", 200, $"{OfFactors} not_found")]
    [InlineData("post /reauthenticate/options", 200, $"cross_site {OfPrivate} {OfRate} unavailable")]
    [InlineData("post /reauthenticate/mail", 202, $"cross_site invalid_request {OfPrivate} {OfRate} unavailable")]
    [InlineData("post /introspect", 200, $"invalid_credentials {OfBody} unavailable")]
    [InlineData("post /revoke", 200, $"{OfBody} too_many_requests unavailable")]
    [InlineData("get /sessions/ended", 200, "invalid_credentials unavailable")]
    [InlineData("get /health/live", 200, "")]
    [InlineData("get /health/ready", 200, "unavailable")]
    [InlineData("get /health/traffic", 200, "unavailable")]
    public async Task Document_lists_errors_of_route(string route, int success, string codes)
    {
        var operation = (await OperationsAsync())[route];
        Assert.True(operation.GetProperty("responses").TryGetProperty($"{success}", out _));
        var described = CodesOf(operation).Except(["internal_error"]);
        Assert.Equal(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), described.Order());
    }

    [Fact]
    public async Task Document_describes_every_code_that_routes_answer_with()
    {
        var described = (await OperationsAsync()).Values.SelectMany(CodesOf).ToHashSet();
        var reachable = Enum.GetValues<ErrorCode>().Except(OfNoRoute);
        Assert.Superset(reachable.Select(AuthProblems.Name).ToHashSet(), described);
    }

    [Fact]
    public async Task Document_shows_required_members_and_forbids_unknown_ones()
    {
        var schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        var requests = schemas.EnumerateObject().Where(s => s.Name.EndsWith("Request", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(requests);
        Assert.All(requests, schema => Assert.False(schema.Value.GetProperty("additionalProperties").GetBoolean()));
        Assert.All(
            requests.SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject()),
            member => Assert.NotEmpty(member.Value.GetProperty("description").GetString()!));
        var required = schemas.GetProperty("RegisterRequest").GetProperty("required").EnumerateArray();
        Assert.Equal(["password", "username"], required.Select(name => name.GetString()).Order());
    }

    [Fact]
    public async Task Document_describes_unknown_outcome()
    {
        var problem = (await DocumentAsync()).GetProperty("components").GetProperty("schemas").GetProperty("Problem");
        var members = problem.GetProperty("properties").EnumerateObject().ToList();
        Assert.Equal(
            [
                "challenge", "code", "detail", "errors", "expiresIn", "methods", "outcome", "reason", "status", "title",
                "traceId", "type",
            ],
            members.Select(member => member.Name).Order());
        Assert.All(members.Where(member => member.Name != "reason"), member => Assert.NotEmpty(DescriptionOf(member.Value)));

        var unavailable = (await OperationsAsync())["post /refresh"].GetProperty("responses").GetProperty("503");
        Assert.Contains("`outcome` `unknown` means: The request may", DescriptionOf(unavailable), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_refers_to_itself_alone()
    {
        var text = (await DocumentAsync()).GetRawText();
        foreach (Match reference in References().Matches(text))
        {
            var target = await DocumentAsync();
            foreach (var step in reference.Groups[1].Value.Split('/').Skip(1))
            {
                Assert.True(target.TryGetProperty(step, out var next), reference.Value);
                target = next;
            }
        }

        Assert.DoesNotContain("localhost", text, StringComparison.Ordinal);
    }

    // "post /login" and so on: all routes except pages and the one for Prometheus.
    private Dictionary<string, RouteEndpoint> Routes() =>
        shared.App.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (Path: "/" + route.RoutePattern.RawText!.TrimStart('/'), Route: route))
            .Where(route => route.Route.Metadata.GetMetadata<ContentSecurityPolicy>() is null)
            .Where(route => route.Path != "/metrics" && !route.Path.EndsWith("/callback", StringComparison.Ordinal))
            .Where(route => !route.Path.StartsWith("/openapi/", StringComparison.Ordinal))
            .Where(route => !route.Path.StartsWith("/docs", StringComparison.Ordinal))
            .SelectMany(route => route.Route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
                .Select(method => ($"{method.ToLowerInvariant()} {route.Path}", route.Route)))
            .ToDictionary();

    private async Task<JsonElement> DocumentAsync() => await (await http.GetAsync("/openapi/v1.json", Ct)).ShouldBeJsonAsync();

    private async Task<Dictionary<string, JsonElement>> OperationsAsync() =>
        (await DocumentAsync()).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => ($"{method.Name} {path.Name}", method.Value)))
            .ToDictionary();

    private static string DescriptionOf(JsonElement described) => described.GetProperty("description").GetString()!;

    private static List<string> CodesOf(JsonElement described) =>
    [
        .. CodeNames().Matches(described.GetRawText())
            .Select(match => match.Groups[1].Value)
            .Where(name => StatusOf(name) is not null),
    ];

    private static string? StatusOf(string code) => Enum.GetValues<ErrorCode>()
        .Where(value => AuthProblems.Name(value) == code)
        .Select(value => $"{AuthProblems.Describe(value).Status}")
        .SingleOrDefault();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex CodeNames();

    [GeneratedRegex("\"\\$ref\": \"#(/[^\"]*)\"")]
    private static partial Regex References();
}
