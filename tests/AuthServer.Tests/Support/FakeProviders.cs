using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tests.Support;

/// <summary>
/// The providers of the guide, each under its own host name, on loopback. Answers have the members of those in the documents of
/// each provider.
/// </summary>
internal sealed class FakeProviders : IAsyncDisposable
{
    // Answers that describe the user, by their address.
    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["https://accounts.google.com/userinfo"] = """
            {"sub":"110169484474386276334","name":"Ada Lovelace","email":"ada@example.com","email_verified":true}
            """,
        ["https://kauth.kakao.com/userinfo"] = """
            {"sub":"2632890179","nickname":"홍길동","email":"ada@example.com","email_verified":true}
            """,
        ["https://openapi.naver.com/v1/nid/me"] = """
            {
              "resultcode": "00",
              "message": "success",
              "response": { "id": "32742776", "nickname": "오픈", "name": "오픈 API", "email": "ada@example.com" }
            }
            """,
        ["https://access.line.me/userinfo"] = """{"sub":"U4af4980629","name":"LINE Taro"}""",
        ["https://api.github.com/user"] = """
            {"id":583231,"login":"octocat","name":"The Octocat","email":"ada@example.com"}
            """,
        ["https://login.microsoftonline.com/common/v2.0/userinfo"] = """
            {"sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFV","name":"Ada Lovelace","email":"ada@example.com"}
            """,
    };

    private static readonly JsonSerializerOptions WithoutNulls =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    // Of all personal accounts at Microsoft.
    private const string Tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

    private readonly WebApplication program;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "first" };
    private readonly TimeProvider clock;
    private readonly Dictionary<string, (string Host, IDictionary<string, string> Request)> codes = [];

    private FakeProviders(TimeProvider clock)
    {
        this.clock = clock;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        program = builder.Build();
        program.Run(async http =>
        {
            var answer = await AnswerAsync(http.Request);
            http.Response.StatusCode = answer is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
            await http.Response.WriteAsJsonAsync(answer, WithoutNulls, TestContext.Current.CancellationToken);
        });
    }

    /// <summary>The secret that the server has of each of them, which one signs with.</summary>
    public string Secret { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>The form of the last request for tokens.</summary>
    public IFormCollection? TokenRequest { get; private set; }

    public static async Task<FakeProviders> StartAsync(TimeProvider clock)
    {
        var providers = new FakeProviders(clock);
        await providers.program.StartAsync(TestContext.Current.CancellationToken);
        return providers;
    }

    /// <summary>Leads all requests of a server to them.</summary>
    public void Connect(IServiceCollection services) => services.ConfigureAll<HttpClientFactoryOptions>(
        options => options.HttpMessageHandlerBuilderActions.Add(
            builder => builder.AdditionalHandlers.Add(new Detour(new Uri(program.Urls.First())))));

    /// <summary>Agrees to a request for authorization. Returns the parameters for the callback.</summary>
    public Dictionary<string, string> Authorize(Uri request)
    {
        var query = QueryHelpers.ParseQuery(request.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        var code = Guid.NewGuid().ToString("N");
        codes.Add(code, (request.Host, query));
        var parameters = new Dictionary<string, string> { ["code"] = code, ["state"] = query["state"] };
        if (request.Host == "github.com")
        {
            parameters["iss"] = "https://github.com/login/oauth";
        }
        else if (request.Host == "appleid.apple.com")
        {
            parameters["user"] = """{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"ada@example.com"}""";
        }

        return parameters;
    }

    public ValueTask DisposeAsync() => program.DisposeAsync();

    private async Task<object?> AnswerAsync(HttpRequest request)
    {
        var address = $"https://{request.Host.Host}{request.Path}";
        return address switch
        {
            _ when address.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal) =>
                MetadataOf(address[..^"/.well-known/openid-configuration".Length]),
            _ when address.EndsWith("/jwks", StringComparison.Ordinal) => new { keys = new[] { JsonNode.Parse(JsonOf(key)) } },
            _ when HttpMethods.IsPost(request.Method) =>
                Redeem(await request.ReadFormAsync(TestContext.Current.CancellationToken)),
            _ when Descriptions.TryGetValue(address, out var description) => JsonNode.Parse(description),
            _ => null,
        };
    }

    private static object MetadataOf(string issuer) => new
    {
        // Microsoft's metadata for all tenants has a place for the tenant.
        issuer = issuer.Replace("/common/", "/{tenantid}/", StringComparison.Ordinal),
        authorization_endpoint = $"{issuer}/authorize",
        token_endpoint = $"{issuer}/token",
        userinfo_endpoint = issuer.Contains("apple", StringComparison.Ordinal) ? null : $"{issuer}/userinfo",
        jwks_uri = $"{issuer}/jwks",
        grant_types_supported = new[] { "authorization_code" },
        response_types_supported = new[] { "code" },
        response_modes_supported = new[] { "query", "fragment", "form_post" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
        code_challenge_methods_supported = new[] { "S256" },
        scopes_supported = new[] { "openid", "email", "profile", "name" },
        token_endpoint_auth_methods_supported = new[] { "client_secret_post" },
    };

    private Dictionary<string, object>? Redeem(IFormCollection form)
    {
        TokenRequest = form;
        var (host, request) = codes[form["code"].ToString()];
        var verifier = SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()));
        if (request.TryGetValue("code_challenge", out var challenge) && Base64UrlEncoder.Encode(verifier) != challenge)
        {
            return null;
        }

        var answer = new Dictionary<string, object>
        {
            ["access_token"] = "an opaque token",
            ["token_type"] = "bearer",
            ["expires_in"] = 3600,
        };
        if (request.TryGetValue("nonce", out var nonce) && request["scope"].Split(' ').Contains("openid"))
        {
            answer["id_token"] = TokenOf(host, request["client_id"], nonce);
        }

        return answer;
    }

    private string TokenOf(string host, string client, string nonce)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var (issuer, subject) = host switch
        {
            "login.microsoftonline.com" => ($"https://{host}/{Tenant}/v2.0", "AAAAAAAAAAAAAAAAAAAAAIkzqFV"),
            "kauth.kakao.com" => ($"https://{host}", "2632890179"),
            "access.line.me" => ($"https://{host}", "U4af4980629"),
            "appleid.apple.com" => ($"https://{host}", "001234.abcd.0123"),
            _ => ($"https://{host}", "110169484474386276334"),
        };
        var claims = new Dictionary<string, object>
        {
            ["iss"] = issuer,
            ["aud"] = client,
            ["sub"] = subject,
            ["nonce"] = nonce,
            ["iat"] = now,
            ["exp"] = now + 300,
        };
        if (host == "appleid.apple.com")
        {
            claims["email"] = "ada@example.com";
            claims["email_verified"] = true;
        }

        // LINE signs with the client's secret if the login is in a browser, whatever its metadata says.
        var signing = host == "access.line.me"
            ? new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), SecurityAlgorithms.HmacSha256)
            : new SigningCredentials(key, SecurityAlgorithms.RsaSha256);
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(JsonSerializer.Serialize(claims), signing);
    }

    private static string JsonOf(RsaSecurityKey key)
    {
        var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(key);
        return $$"""{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{jwk.Kid}}","n":"{{jwk.N}}","e":"{{jwk.E}}"}""";
    }

    /// <summary>Sends requests to another address than theirs. The header names the host that was meant.</summary>
    private sealed class Detour(Uri address) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(Uri.UriSchemeHttps, request.RequestUri!.Scheme);
            request.Headers.Host = request.RequestUri.Host;
            request.RequestUri = new Uri(address, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
