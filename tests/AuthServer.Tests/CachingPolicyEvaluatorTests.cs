using System.Net;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthServer.Tests;

/// <summary>Requests that JwtBearer checks, and requests that it need not check.</summary>
public sealed class CachingPolicyEvaluatorTests
{
    private const string Editors = "/editors";

    private static readonly PrivateRoute EditorsOnly =
        new(Editors, new AuthorizationPolicyBuilder().RequireRole("editor").Build());

    [Fact]
    public async Task Token_is_checked_once_and_again_when_it_is_no_longer_valid()
    {
        var checks = new AuthenticationCounter();
        await using var app = new AuthServerApp(checks.AddTo);
        var ada = await app.LogInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, checks.Count);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync("/sessions")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, checks.Count);

        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
        Assert.Equal(2, checks.Count);

        await ada.RefreshAsync();
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await ada.LogoutAsync();
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
        Assert.Equal(4, checks.Count);
    }

    [Fact]
    public async Task Token_of_ended_session_is_refused_at_its_first_request_too()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/refresh")]
    [InlineData("/health/live")]
    public async Task Public_route_checks_no_access_token(string path)
    {
        var checks = new AuthenticationCounter();
        await using var app = new AuthServerApp(checks.AddTo);
        var ada = await app.LogInAsync("ada");
        var body = path switch
        {
            "/login" => new { username = "ada", password = AuthServerApp.Password },
            "/refresh" => new { ada.Pair.RefreshToken },
            _ => (object?)null,
        };
        var method = body is null ? HttpMethod.Get : HttpMethod.Post;
        var content = body is null ? null : HttpAssertions.Json(body);
        var answer = await ada.Http.SendAsync(method, path, "Bearer " + ada.Pair.AccessToken, content);
        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal(0, checks.Count);
    }

    [Theory]
    [InlineData("access_token_missing", 401)]
    [InlineData("access_token_invalid", 401)]
    public async Task Policy_of_role_requires_token_like_any_other(string code, int status)
    {
        await using var app = new AuthServerApp(services => services.AddSingleton<IStartupFilter>(EditorsOnly));
        using var http = app.CreateClient();
        var authorization = code == "access_token_missing" ? null : "Bearer nonsense";
        await (await http.SendAsync(HttpMethod.Get, Editors, authorization)).ShouldBeProblemAsync(status, code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Policy_of_role_decides_for_cached_tokens_too(bool seen)
    {
        await using var app = new AuthServerApp(services => services.AddSingleton<IStartupFilter>(EditorsOnly));
        var ada = await app.LogInAsync("ada");
        await SeeAsync(ada, seen);
        await (await ada.GetAsync(Editors)).ShouldBeProblemAsync(403, "forbidden");

        await app.InDatabaseAsync(async db =>
        {
            (await db.Users.SingleAsync(TestContext.Current.CancellationToken)).Roles = ["editor"];
            return await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        await ada.RefreshAsync();
        await SeeAsync(ada, seen);
        (await ada.GetAsync(Editors)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Policy_of_another_scheme_is_left_to_that_scheme()
    {
        // It has no key, so it takes no token of this server.
        await using var app = new AuthServerApp(services =>
        {
            new AuthenticationBuilder(services).AddScheme<JwtBearerOptions, JwtBearerHandler>("Partner", configureOptions: null);
            var policy = new AuthorizationPolicyBuilder("Partner").RequireAuthenticatedUser().Build();
            services.AddSingleton<IStartupFilter>(new PrivateRoute("/partners", policy));
        });
        var ada = await app.LogInAsync("ada");
        await SeeAsync(ada, wanted: true);
        (await ada.GetAsync("/partners")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task SeeAsync(LoggedInDevice session, bool wanted)
    {
        if (wanted)
        {
            (await session.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }
    }

    /// <summary>A route with <c>RequireAuthorization</c> and a policy.</summary>
    private sealed class PrivateRoute(string path, AuthorizationPolicy policy) : IStartupFilter
    {
        private readonly Endpoint route = new(
            context => Task.CompletedTask, new EndpointMetadataCollection(new AuthorizeAttribute(), policy), path);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                // Routing skips a request that has an endpoint.
                if (context.Request.Path == path)
                {
                    context.SetEndpoint(route);
                }

                return following(context);
            });
            next(app);
        };
    }

    /// <summary>Counts the requests that the framework authenticates.</summary>
    private sealed class AuthenticationCounter
    {
        public int Count { get; private set; }

        public void AddTo(IServiceCollection services) => services.AddScoped<IAuthenticationService>(provider => new Counted(
            this,
            provider.GetRequiredService<IAuthenticationSchemeProvider>(),
            provider.GetRequiredService<IAuthenticationHandlerProvider>(),
            provider.GetRequiredService<IClaimsTransformation>(),
            provider.GetRequiredService<IOptions<AuthenticationOptions>>()));

        private sealed class Counted(
            AuthenticationCounter counter,
            IAuthenticationSchemeProvider schemes,
            IAuthenticationHandlerProvider handlers,
            IClaimsTransformation transform,
            IOptions<AuthenticationOptions> options) : AuthenticationService(schemes, handlers, transform, options)
        {
            public override Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme)
            {
                counter.Count++;
                return base.AuthenticateAsync(context, scheme);
            }
        }
    }
}
