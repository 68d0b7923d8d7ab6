using System.Net;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Authentication;
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
        await using var app = new AuthServerApp(services => services.AddSingleton<IStartupFilter>(new EditorsOnly()));
        using var http = app.CreateClient();
        var authorization = code == "access_token_missing" ? null : "Bearer nonsense";
        await (await http.SendAsync(HttpMethod.Get, EditorsOnly.Path, authorization)).ShouldBeProblemAsync(status, code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Policy_of_role_decides_for_cached_tokens_too(bool seen)
    {
        await using var app = new AuthServerApp(services => services.AddSingleton<IStartupFilter>(new EditorsOnly()));
        var ada = await app.LogInAsync("ada");
        await SeeAsync(ada, seen);
        await (await ada.GetAsync(EditorsOnly.Path)).ShouldBeProblemAsync(403, "forbidden");

        await app.InDatabaseAsync(async db =>
        {
            (await db.Users.SingleAsync(TestContext.Current.CancellationToken)).Roles = ["editor"];
            return await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        await ada.RefreshAsync();
        await SeeAsync(ada, seen);
        (await ada.GetAsync(EditorsOnly.Path)).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task SeeAsync(LoggedInDevice session, bool wanted)
    {
        if (wanted)
        {
            (await session.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }
    }

    /// <summary>A route with <c>RequireAuthorization(policy => policy.RequireRole("editor"))</c>.</summary>
    private sealed class EditorsOnly : IStartupFilter
    {
        public const string Path = "/editors";

        private static readonly Endpoint Route = new(
            context => Task.CompletedTask,
            new EndpointMetadataCollection(
                new AuthorizeAttribute(), new AuthorizationPolicyBuilder().RequireRole("editor").Build()),
            "editors");

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                // Routing skips a request that has an endpoint.
                if (context.Request.Path == Path)
                {
                    context.SetEndpoint(Route);
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
