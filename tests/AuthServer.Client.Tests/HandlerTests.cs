using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.Client.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Client.Tests;

/// <summary>Requests that get the token, and requests that are repeated.</summary>
public sealed class HandlerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://auth.example.com/me", true)]
    [InlineData("https://AUTH.example.com:443/other/path?x=1", true)]
    [InlineData("https://api.example.com/things", true)]
    [InlineData("http://auth.example.com/me", false)]
    [InlineData("https://auth.example.com:8443/me", false)]
    [InlineData("https://auth.example.com.evil.example/me", false)]
    [InlineData("https://auth.example.com@evil.example/me", false)]
    [InlineData("https://evil.example/auth.example.com", false)]
    [InlineData("https://auth.example.com/refresh", false)]
    [InlineData("https://auth.example.com/%72efresh?transport=header", false)]
    [InlineData("https://auth.example.com/Login", false)]
    public async Task Token_is_sent_to_named_origins_only(string address, bool isSent)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync(setup => setup.Origins.Add(new Uri("https://api.example.com/v1")));
        using var ignored = await device.GetAsync(address);
        Assert.Equal(isSent ? "Bearer a0" : null, server.Calls.Concat(server.Refreshes).SingleOrDefault()?.Authorization);
    }

    [Theory]
    [InlineData("https://σ.example/things", true)]
    [InlineData("https://xn--4xa.example/things", true)]
    [InlineData("https://ς.example/things", false)]
    [InlineData("https://xn--3xa.example/things", false)]
    public async Task Domain_that_differs_by_letter_form_is_another(string address, bool isSent)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync(setup => setup.Origins.Add(new Uri("https://σ.example")));
        using var ignored = await device.GetAsync(address);
        Assert.Equal(isSent ? "Bearer a0" : null, Assert.Single(server.Calls).Authorization);
    }

    [Theory]
    [InlineData("Basic eDp5")]
    [InlineData("an unknown scheme, with a comma")]
    public async Task Authorization_of_request_itself_is_kept(string own)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Expired()) };
        await using var device = await server.LogInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "things");
        request.Headers.TryAddWithoutValidation("Authorization", own);
        using var answer = await device.Api.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.NotEqual("Bearer a0", Assert.Single(server.Calls).Authorization);
    }

    [Fact]
    public async Task Request_without_session_is_sent_unchanged()
    {
        using var server = new StubServer();
        await using var device = new Device(StubServer.Address, setup => setup.Primary = server);
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Null(Assert.Single(server.Calls).Authorization);
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("The token expired at '01/01/2026 12:00:20'")]
    public async Task Request_refused_as_expired_is_repeated_once_with_fresh_token(string description)
    {
        using var server = new StubServer { OnCall = call => StubServer.RefuseFirst(call, StubServer.Expired(description)) };
        await using var device = await server.LogInAsync();
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Equal(["Bearer a0", "Bearer a1"], server.Calls.Select(call => call.Authorization));
    }

    [Fact]
    public async Task Expired_code_in_body_causes_repeat_like_challenge()
    {
        using var server = new StubServer
        {
            OnCall = call => StubServer.RefuseFirst(call, StubServer.Problem(401, "access_token_expired")),
        };
        await using var device = await server.LogInAsync();
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
    }

    [Fact]
    public async Task Request_refused_again_is_not_repeated_again()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(401, "access_token_expired")) };
        await using var device = await server.LogInAsync();
        using var answer = await device.GetAsync();
        Assert.Equal(2, server.Calls.Count());
        Assert.Contains("access_token_expired", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("access_token_invalid")]
    [InlineData("invalid_credentials")]
    public async Task Other_refusal_stays_readable_and_is_not_repeated(string code)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(401, code)) };
        await using var device = await server.LogInAsync();
        using var answer = await device.GetAsync();
        Assert.Equal(code, (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString());
        Assert.Single(server.Calls);
        Assert.Empty(server.Refreshes);
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Refusal_of_token_replaced_meanwhile_uses_newer_token()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        server.OnCall = async call =>
        {
            if (call.Authorization != "Bearer a0")
            {
                return StubServer.Ok();
            }

            device.Clock.Advance(TimeSpan.FromSeconds(19));
            Assert.Equal("a1", await device.GetTokenAsync());
            return StubServer.Expired();
        };
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Equal("Bearer a1", server.Calls.Last().Authorization);
        Assert.Single(server.Refreshes);
    }

    [Theory]
    [InlineData("access_token_expired")]
    [InlineData("session_ended")]
    public async Task Refusal_after_redirect_of_request_changes_nothing(string code)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(401, code)) };
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
            api.AddAuthServerTokens().AddHttpMessageHandler(() => new Redirect()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.GetAsync()).StatusCode);
        Assert.Equal("evil.example", Assert.Single(server.Calls).Address.Host);
        Assert.Empty(device.Ended);
        Assert.Equal("a0", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Refusal_after_redirect_of_repeat_changes_nothing()
    {
        using var server = new StubServer
        {
            OnCall = call => Task.FromResult(
                call.Authorization == "Bearer a0" ? StubServer.Expired() : StubServer.Problem(401, "session_ended")),
        };
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
            api.AddAuthServerTokens().AddHttpMessageHandler(() => new Redirect { After = 1 }));
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.GetAsync()).StatusCode);
        Assert.Equal(["auth.example.com", "evil.example"], server.Calls.Select(call => call.Address.Host));
        Assert.Empty(device.Ended);
        Assert.Equal("a1", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Handler_inside_can_change_address()
    {
        using var server = new StubServer { OnCall = call => StubServer.RefuseFirst(call, StubServer.Expired()) };
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
            api.AddAuthServerTokens().AddHttpMessageHandler(() => new Versioned()));
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Equal(["?v=1", "?v=1"], server.Calls.Select(call => call.Address.Query));
    }

    [Fact]
    public async Task Request_stays_unchanged_and_response_shows_no_token()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "things") { Headers = { { "X-Mine", "1" } } };
        request.Options.Set(new HttpRequestOptionsKey<int>("mine"), 1);
        using var answer = await device.Api.SendAsync(request, Ct);
        Assert.Equal("X-Mine", Assert.Single(request.Headers).Key);
        Assert.Equal("Bearer a0", Assert.Single(server.Calls).Authorization);
        Assert.Equal("X-Mine", Assert.Single(answer.RequestMessage!.Headers).Key);
        Assert.Contains("mine", answer.RequestMessage.Options.Select(option => option.Key));
    }

    [Fact]
    public async Task Synchronous_request_is_refused()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "things");
#pragma warning disable CA1849 // The synchronous call is under test.
        Assert.Throws<NotSupportedException>(() => device.Api.Send(request, Ct));
#pragma warning restore CA1849
    }

    private sealed class Versioned : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(request.RequestUri + "?v=1");
            return base.SendAsync(request, cancellationToken);
        }
    }

    // Follows a redirect as SocketsHttpHandler does.
    private sealed class Redirect : DelegatingHandler
    {
        private int sent;

        public int After { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (++sent <= After)
            {
                return base.SendAsync(request, cancellationToken);
            }

            request.Headers.Authorization = null;
            request.RequestUri = new Uri("https://evil.example/");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
