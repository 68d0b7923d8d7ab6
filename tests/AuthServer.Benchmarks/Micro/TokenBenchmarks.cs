using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Tokens;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Benchmarks.Micro;

/// <summary>The computations of a refresh and of a private request, with the server's own services.</summary>
[MemoryDiagnoser]
#pragma warning disable CA1001 // BenchmarkDotNet does not dispose of benchmark classes; StopAsync disposes of the server.
public class TokenBenchmarks
#pragma warning restore CA1001
{
    private static readonly SessionPolicy Policy = new();

    private readonly string folder = Directory.CreateTempSubdirectory("authserver-micro-").FullName;
    private WebApplication server = null!;
    private RefreshKeyRing keys = null!;
    private AccessTokenIssuer issuer = null!;
    private AccessTokenHandler handler = null!;
    private TokenValidationParameters rules = null!;
    private ValidatedTokenCache cache = null!;
    private IPolicyEvaluator evaluator = null!;
    private AuthorizationPolicy policy = null!;
    private DefaultHttpContext request = null!;
    private SessionGrant grant = null!;
    private SessionState state;
    private RefreshToken token;
    private string refreshToken = "";
    private string accessToken = "";

    /// <summary>Creates the services and the tokens.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        server = Composition.CreateBuilder([$"--Data:Directory={folder}", "--Tokens:AccessLifetime=00:05:00"]).Build();
        await server.PrepareToServeAsync();
        var services = server.Services;
        keys = services.GetRequiredService<ServerKeys>().Refresh;
        issuer = services.GetRequiredService<AccessTokenIssuer>();
        handler = new AccessTokenHandler(
            services.GetRequiredService<IAccessTokenKeys>(), services.GetRequiredService<IssuedTokenCache>());
        rules = services.GetRequiredService<AccessTokenRules>().Alive;

        var now = TimeProvider.System.GetUtcNow();
        var user = new TokenSubject(Guid.CreateVersion7(), "ada", "Ada", ["editor"], Disabled: false);
        grant = new SessionGrant(
            Guid.CreateVersion7(),
            7,
            now,
            now + Policy.IdleLifetime,
            now + Policy.AbsoluteLifetime,
            now,
            AuthenticationMethods.Password,
            user);
        state = new SessionState { Generation = 7, CreatedAt = now, RotatedAt = now };
        token = new RefreshToken(grant.SessionId, 7);
        refreshToken = token.Encode(keys);

        // Valid for five minutes. The setup runs before each benchmark, so the token does not expire during one.
        accessToken = issuer.Issue(grant);
        await CacheAccessTokenAsync();
    }

    /// <summary>Disposes of the services and deletes their data.</summary>
    [GlobalCleanup]
    public async Task StopAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Encodes a refresh token.</summary>
    [Benchmark]
    public string DeriveRefreshToken() => token.Encode(keys);

    /// <summary>Parses a refresh token and verifies its MAC.</summary>
    [Benchmark]
    public bool ParseRefreshToken() => RefreshToken.TryParse(refreshToken, keys, out _);

    /// <summary>Decides a rotation.</summary>
    [Benchmark]
    public RotationDecision Decide() => Rotation.Decide(state, 7, state.RotatedAt, Policy);

    /// <summary>Creates and signs an access token.</summary>
    [Benchmark]
    public string IssueAccessToken() => issuer.Issue(grant);

    /// <summary>Validates an access token that is not in the cache.</summary>
    [Benchmark]
    public async Task<bool> ValidateAccessToken() => (await handler.ValidateTokenAsync(accessToken, rules)).IsValid;

    /// <summary>Checks the form of an access token, as a part of <see cref="ValidateAccessToken"/>.</summary>
    [Benchmark]
    public bool MatchAccessToken() => AccessTokenForm.Matches(accessToken);

    /// <summary>Finds an access token in the cache, as almost every private request does.</summary>
    [Benchmark]
    public bool FindAccessToken() => cache.Find(accessToken) is not null;

    /// <summary>Authenticates a private request by a cached token that is valid and whose session has not ended.</summary>
    [Benchmark]
    public bool AuthenticateByCachedToken() => evaluator.AuthenticateAsync(policy, request).Result.Succeeded;

    // The same steps as for the first request with a token.
    private async Task CacheAccessTokenAsync()
    {
        var result = await handler.ValidateTokenAsync(accessToken, rules);
        var caller = AccessTokenRules.Read((JsonWebToken)result.SecurityToken);
        var services = server.Services;
        cache = services.GetRequiredService<ValidatedTokenCache>();
        cache.Add(accessToken, new ValidatedToken(caller, new ClaimsPrincipal(result.ClaimsIdentity)));

        evaluator = services.GetRequiredService<IPolicyEvaluator>();
        policy = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetDefaultPolicyAsync();
        request = new DefaultHttpContext { RequestServices = services };
        request.Request.Headers.Authorization = $"Bearer {accessToken}";
    }
}
