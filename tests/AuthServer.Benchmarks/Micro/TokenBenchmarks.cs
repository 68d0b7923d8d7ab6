using System.Security.Claims;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Tokens;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Benchmarks.Micro;

/// <summary>What a refresh and a private request compute, with the server's own services.</summary>
[MemoryDiagnoser]
#pragma warning disable CA1001 // BenchmarkDotNet disposes of nothing; Stop does.
public class TokenBenchmarks
#pragma warning restore CA1001
{
    private static readonly SessionPolicy Policy = new();

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly string folder = Directory.CreateTempSubdirectory("authserver-micro-").FullName;
    private ServiceProvider services = null!;
    private RefreshKeyRing keys = null!;
    private AccessTokenIssuer issuer = null!;
    private TokenValidationParameters rules = null!;
    private ValidatedTokenCache validated = null!;
    private IPolicyEvaluator evaluator = null!;
    private AuthorizationPolicy bearers = null!;
    private DefaultHttpContext request = null!;
    private SessionGrant grant = null!;
    private SessionState state;
    private RefreshToken token;
    private string refreshToken = "";
    private string accessToken = "";

    /// <summary>Makes the services and the tokens.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Data:Directory"] = folder, ["Tokens:AccessLifetime"] = "00:05:00" });
        builder.Services.AddSingleton(TimeProvider.System).AddDataDirectory().AddTokens();
        services = builder.Services.BuildServiceProvider();
        keys = services.GetRequiredService<ServerKeys>().Refresh;
        issuer = services.GetRequiredService<AccessTokenIssuer>();
        rules = services.GetRequiredService<AccessTokenRules>().Living;

        var now = TimeProvider.System.GetUtcNow();
        var user = new TokenSubject(Guid.CreateVersion7(), "ada", "Ada", ["editor"], Disabled: false);
        grant = new SessionGrant(Guid.CreateVersion7(), 7, now, now + Policy.IdleLifetime, user);
        state = new SessionState { Generation = 7, CreatedAt = now, RotatedAt = now };
        token = new RefreshToken(grant.SessionId, 7);
        refreshToken = token.Encode(keys);

        // It lives for minutes, and this runs anew before each benchmark.
        accessToken = issuer.Issue(grant);
        await SeeAccessTokenAsync();
    }

    /// <summary>Removes what was made.</summary>
    [GlobalCleanup]
    public void Stop()
    {
        services.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Derives a refresh token.</summary>
    [Benchmark]
    public string DeriveRefreshToken() => token.Encode(keys);

    /// <summary>Reads a refresh token and checks its MAC.</summary>
    [Benchmark]
    public bool ParseRefreshToken() => RefreshToken.TryParse(refreshToken, keys, out _);

    /// <summary>Decides on a rotation.</summary>
    [Benchmark]
    public RotationDecision Decide() => Rotation.Decide(state, 7, state.RotatedAt, Policy);

    /// <summary>Makes and signs an access token.</summary>
    [Benchmark]
    public string IssueAccessToken() => issuer.Issue(grant);

    /// <summary>Checks an access token that was not seen before.</summary>
    [Benchmark]
    public async Task<bool> ValidateAccessToken() => (await handler.ValidateTokenAsync(accessToken, rules)).IsValid;

    /// <summary>Finds an access token that was seen before, as nearly every private request has.</summary>
    [Benchmark]
    public bool FindAccessToken() => validated.Find(accessToken) is not null;

    /// <summary>The whole short way of a private request: the token found, alive, and of a session that lives.</summary>
    [Benchmark]
    public bool AuthenticateByFoundToken() => evaluator.AuthenticateAsync(bearers, request).Result.Succeeded;

    // What the guard does with the first request that brings the token.
    private async Task SeeAccessTokenAsync()
    {
        var result = await handler.ValidateTokenAsync(accessToken, rules);
        var caller = AccessTokenRules.Read((JsonWebToken)result.SecurityToken)!;
        validated = services.GetRequiredService<ValidatedTokenCache>();
        validated.Add(accessToken, new ValidatedToken(caller, new ClaimsPrincipal(result.ClaimsIdentity)));

        evaluator = services.GetRequiredService<IPolicyEvaluator>();
        bearers = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetDefaultPolicyAsync();
        request = new DefaultHttpContext { RequestServices = services };
        request.Request.Headers.Authorization = $"Bearer {accessToken}";
    }
}
