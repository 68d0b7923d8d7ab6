using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A back end of the guide in ASP.NET Core, in the process of the tests.</summary>
public sealed class DotnetBackEnd : IAsyncDisposable
{
    private readonly WebApplication program;
    private readonly HttpClient http;

    private DotnetBackEnd(WebApplication program)
    {
        this.program = program;
        http = new HttpClient { BaseAddress = new Uri(program.Urls.Single()) };
    }

    /// <summary>Starts one with the package <c>AuthServer.Bearer</c>, and waits until it hears which sessions end.</summary>
    /// <param name="issuer">The address of the server, which is its issuer.</param>
    /// <param name="secret">The secret of the back end <c>orders</c>; null if it hears of nothing.</param>
    public static async Task<DotnetBackEnd> StartAsync(Uri issuer, string? secret)
    {
        var backEnd = await StartAsync(
            authentication => authentication.AddAuthServerBearer(options =>
            {
                options.Authority = issuer.ToString().TrimEnd('/');
                options.EndedSessions.ClientId = secret is null ? null : "orders";
                options.EndedSessions.ClientSecret = secret;
            }),
            program => program.MapGet("/orders", (Caller caller) => $"The orders of {caller.Username}."));
        await (secret is null ? Task.CompletedTask : backEnd.HealthBecomesAsync("Healthy"));
        return backEnd;
    }

    /// <summary>Starts one with the handler of ASP.NET Core.</summary>
    /// <param name="issuer">The address of the server, which is its issuer.</param>
    public static Task<DotnetBackEnd> StartWithoutPackageAsync(Uri issuer) => StartAsync(
        authentication => authentication.AddJwtBearer(options =>
        {
            options.Authority = issuer.ToString().TrimEnd('/');
            options.RequireHttpsMetadata = false;
            options.Audience = "authserver";
            options.MapInboundClaims = false;
            options.TokenValidationParameters.ValidTypes = ["at+jwt"];
            options.TokenValidationParameters.ClockSkew = TimeSpan.Zero;
            options.TokenValidationParameters.NameClaimType = "preferred_username";
        }),
        program => program.MapGet("/orders", (ClaimsPrincipal user) => $"The orders of {user.Identity!.Name}."));

    /// <summary>Presents an access token.</summary>
    public async Task<HttpResponseMessage> AskAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders");
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + accessToken));
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks for its health until the answer is this word.</summary>
    public Task HealthBecomesAsync(string word) => Eventually.BecomesAsync(async () =>
        await http.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken) == word);

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        http.Dispose();
    }

    private static async Task<DotnetBackEnd> StartAsync(
        Action<AuthenticationBuilder> configure, Func<WebApplication, IEndpointConventionBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorization();
        builder.Services.AddHealthChecks();
        configure(builder.Services.AddAuthentication("Bearer"));
        var program = builder.Build();
        program.MapHealthChecks("/health");
        map(program).RequireAuthorization();
        await program.StartAsync(TestContext.Current.CancellationToken);
        return new DotnetBackEnd(program);
    }
}
