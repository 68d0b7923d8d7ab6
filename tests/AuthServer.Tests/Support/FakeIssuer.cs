using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tests.Support;

/// <summary>A provider of identities on loopback, which states whatever a test lets it. Source: OpenID Connect Core.</summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    public const string ClientId = "authserver-client";
    public const string ClientSecret = "a secret of this client alone, long enough to sign with";

    private static readonly JsonSerializerOptions WithoutNulls =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly WebApplication program;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, (string? Nonce, string? Challenge)> codes = [];
    private readonly Dictionary<string, Dictionary<string, StringValues>> pushed = [];

    private FakeIssuer(TimeProvider clock)
    {
        this.clock = clock;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        program = builder.Build();
        program.Use(async (context, next) =>
        {
            if (IsSilent)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await next(context);
        });
        program.MapGet("/.well-known/openid-configuration", () => Results.Json(Metadata(), WithoutNulls));
        program.MapGet("/jwks", () => Results.Json(new { keys = new[] { JsonNode.Parse(JsonOf(Key)) } }));
        program.MapPost("/par", PushAsync);
        program.MapPost("/token", RedeemAsync);
        program.MapGet("/userinfo", () => OnDescriptionText is { } text
            ? Results.Text(text, "application/json")
            : Results.Json(Described()));
    }

    /// <summary>The issuer, in metadata and in tokens.</summary>
    public string Address => program.Urls.First();

    /// <summary>The user who is logged in at the provider.</summary>
    public JsonObject User { get; set; } = new() { ["sub"] = "1234", ["name"] = "Ada Lovelace", ["preferred_username"] = "ada" };

    /// <summary>Changes what an identity token states.</summary>
    public Action<Dictionary<string, object>>? OnToken { get; set; }

    /// <summary>Changes an identity token after it was signed.</summary>
    public Func<string, string>? OnSignedToken { get; set; }

    /// <summary>The answer to a request for tokens, in place of one with tokens.</summary>
    public Func<IResult>? OnTokenRequest { get; set; }

    /// <summary>The address that browsers are sent to, in the metadata; null for that of this provider.</summary>
    public string? AuthorizationEndpoint { get; set; }

    /// <summary>Changes the description of the user.</summary>
    public Action<JsonObject>? OnDescription { get; set; }

    /// <summary>The description of the user as it is sent; null for that of <see cref="User"/>.</summary>
    public string? OnDescriptionText { get; set; }

    /// <summary>The key that tokens are signed with, and that is published.</summary>
    public RsaSecurityKey Key { get; set; } = NewKey("first");

    /// <summary>The key that tokens are signed with instead; null for the published one.</summary>
    public RsaSecurityKey? OtherKey { get; set; }

    /// <summary>True to take requests for authorization by push alone. Source: RFC 9126.</summary>
    public bool TakesPushedRequests { get; init; }

    /// <summary>True to leave every request without an answer.</summary>
    public bool IsSilent { get; set; }

    public static async Task<FakeIssuer> StartAsync(TimeProvider clock, bool takesPushedRequests = false)
    {
        var issuer = new FakeIssuer(clock) { TakesPushedRequests = takesPushedRequests };
        await issuer.program.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public static RsaSecurityKey NewKey(string id) => new(RSA.Create(2048)) { KeyId = id };

    /// <summary>Settings by which a server knows it as a provider.</summary>
    public (string Key, string Value)[] Settings(string id = "fake", params (string Key, string Value)[] more) =>
    [
        ($"ExternalLogins:Providers:{id}:Type", "oidc"),
        ($"ExternalLogins:Providers:{id}:Issuer", Address),
        ($"ExternalLogins:Providers:{id}:ClientId", ClientId),
        ($"ExternalLogins:Providers:{id}:ClientSecret", ClientSecret),
        .. more.Select(pair => ($"ExternalLogins:Providers:{id}:{pair.Key}", pair.Value)),
    ];

    /// <summary>Answers a request for authorization, as a provider does once its user agrees. Returns the callback.</summary>
    public Uri Authorize(Uri request)
    {
        Assert.Equal($"{Address}/authorize", request.GetLeftPart(UriPartial.Path));
        var query = QueryOf(request);
        Assert.Equal(ClientId, query["client_id"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        var code = Guid.NewGuid().ToString("N");
        codes.Add(code, (query.TryGetValue("nonce", out var nonce) ? nonce : default, query["code_challenge"]));
        return Answer(request, ("code", code));
    }

    /// <summary>Answers a request for authorization with parameters.</summary>
    public Uri Answer(Uri request, params (string Name, string Value)[] parameters)
    {
        var query = QueryOf(request);
        var issuer = query.ContainsKey("nonce") ? Address : "";
        return new Uri(QueryHelpers.AddQueryString(query["redirect_uri"].ToString(), parameters
            .Concat([("state", query["state"].ToString()), ("iss", issuer)])
            .Where(pair => pair.Item2.Length > 0 || pair.Item1 == "state")
            .DistinctBy(pair => pair.Item1)
            .ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2)));
    }

    public ValueTask DisposeAsync() => program.DisposeAsync();

    private static string JsonOf(RsaSecurityKey key)
    {
        var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(key);
        return $$"""{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{jwk.Kid}}","n":"{{jwk.N}}","e":"{{jwk.E}}"}""";
    }

    private Dictionary<string, StringValues> QueryOf(Uri request)
    {
        var query = QueryHelpers.ParseQuery(request.Query);
        if (!TakesPushedRequests)
        {
            return query;
        }

        Assert.Equal(["client_id", "request_uri"], query.Keys.Order(StringComparer.Ordinal));
        return new(pushed[query["request_uri"].ToString()]) { ["client_id"] = query["client_id"] };
    }

    private async Task<IResult> PushAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync(TestContext.Current.CancellationToken);
        var name = $"urn:ietf:params:oauth:request_uri:{Guid.NewGuid()}";
        pushed.Add(name, form.ToDictionary());
        return Results.Json(new { request_uri = name, expires_in = 60 }, statusCode: StatusCodes.Status201Created);
    }

    private object Metadata() => new
    {
        issuer = Address,
        authorization_endpoint = AuthorizationEndpoint ?? $"{Address}/authorize",
        pushed_authorization_request_endpoint = TakesPushedRequests ? $"{Address}/par" : null,
        token_endpoint = $"{Address}/token",
        userinfo_endpoint = $"{Address}/userinfo",
        jwks_uri = $"{Address}/jwks",
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
        code_challenge_methods_supported = new[] { "S256" },
        scopes_supported = new[] { "openid", "email", "profile" },
        authorization_response_iss_parameter_supported = true,
    };

    private async Task<IResult> RedeemAsync(HttpRequest request)
    {
        if (OnTokenRequest is not null)
        {
            return OnTokenRequest();
        }

        var form = await request.ReadFormAsync(TestContext.Current.CancellationToken);
        var verifier = SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()));
        if (!codes.Remove(form["code"].ToString(), out var code) || Base64UrlEncoder.Encode(verifier) != code.Challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        var now = clock.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Address,
            ["aud"] = ClientId,
            ["sub"] = User["sub"]!.ToString(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
            ["nonce"] = code.Nonce ?? "",
        };
        OnToken?.Invoke(claims);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            JsonSerializer.Serialize(claims),
            new SigningCredentials(OtherKey ?? Key, SecurityAlgorithms.RsaSha256));
        return Results.Json(new
        {
            access_token = "an opaque token",
            token_type = "Bearer",
            expires_in = 60,
            id_token = OnSignedToken?.Invoke(token) ?? token,
        });
    }

    private JsonObject Described()
    {
        var user = (JsonObject)User.DeepClone();
        OnDescription?.Invoke(user);
        return user;
    }
}
