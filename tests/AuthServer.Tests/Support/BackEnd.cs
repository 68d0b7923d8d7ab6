using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests.Support;

/// <summary>Another program that takes the access tokens of a server, as the package is used.</summary>
public sealed class BackEnd : IAsyncDisposable
{
    private readonly WebApplication program;

    private BackEnd(WebApplication program, LogRecorder log) => (this.program, Log) = (program, log);

    public LogRecorder Log { get; }

    /// <summary>True if it hears which sessions end.</summary>
    public bool IsListening => Get<EndedSessionListener>().IsListening;

    /// <summary>Number of ended sessions that it remembers.</summary>
    public int Ended => Get<EndedSessionCache>().Count;

    /// <summary>Starts a back end of a server, with its clock.</summary>
    /// <param name="app">The server. Its <c>Tokens:Algorithm</c> has public keys.</param>
    /// <param name="backchannel">Carries the requests to the server.</param>
    /// <param name="hearsEnds">True if it has the credentials for the feed.</param>
    public static async Task<BackEnd> StartAsync(AuthServerApp app, HttpMessageHandler? backchannel = null, bool hearsEnds = true)
    {
        var ct = TestContext.Current.CancellationToken;
        var secret = hearsEnds ? await app.Get<ResourceServerService>().AddAsync("orders", ct) : null;
        var log = new LogRecorder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(app.Clock);
        builder.Services.AddAuthentication().AddAuthServerBearer(o =>
        {
            o.Authority = "http://localhost:5080";
            o.BackchannelHandler = backchannel ?? app.Server.CreateHandler();
            o.EndedSessions.ClientId = secret is null ? null : "orders";
            o.EndedSessions.ClientSecret = secret;
        });
        var program = builder.Build();
        program.UseAuthorization();
        program.MapGet("/orders", (Caller caller) => $"The orders of {caller.Username}.").RequireAuthorization();
        program.MapGet("/orders/receipt", (Caller caller, ClaimsPrincipal user) => caller.VerifiedEmail is { } email
            && user.HasClaim("email", email) ? $"{email}, {user.FindFirst("email_verified")?.Value}" : "").RequireAuthorization();
        program.MapGet("/orders/fresh", () => "Paid.")
            .RequireAuthorization(policy => policy.RequireFresh(TimeSpan.FromMinutes(10)));
        program.MapGet("/orders/editors", () => "Edited.")
            .RequireAuthorization(policy => policy.RequireFresh(TimeSpan.FromMinutes(10)).RequireRole("editor"));
        await program.StartAsync(ct);
        return new BackEnd(program, log);
    }

    public T Get<T>()
        where T : notnull => program.Services.GetRequiredService<T>();

    public async Task<HttpResponseMessage> GetOrdersAsync(string accessToken, string kind = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders" + kind)
        {
            Headers = { Authorization = new("Bearer", accessToken) },
        };
        return await program.GetTestClient().SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks until the token is answered with this status.</summary>
    public Task GetOrdersUntilAsync(string accessToken, int status) =>
        Eventually.BecomesAsync(async () => (int)(await GetOrdersAsync(accessToken)).StatusCode == status);

    public async Task<HealthStatus> CheckAsync() =>
        (await Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status;

    public ValueTask DisposeAsync() => program.DisposeAsync();
}
