using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>A change of password and a new proof, which replace the tokens of their session.</summary>
public sealed class PasswordTests
{
    private const string NewPassword = "staple horse battery";

    private static readonly JsonElement Credential = JsonSerializer.SerializeToElement(new { id = "i" });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copy_of_refresh_token_is_worthless_after_change()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var copy = await device.Resolve<ITokenStore>().ReadAsync(Ct);
        await using var thief = server.NewDevice(setup => setup.Store = new MemoryTokenStore());
        await device.Auth.ChangePasswordAsync(Device.Password, NewPassword, cancellationToken: Ct);
        server.Advance(device, TimeSpan.FromSeconds(20));
        Assert.Equal(200, (int)(await device.GetAsync()).StatusCode);
        Assert.Empty(device.Ended);

        await thief.Resolve<ITokenStore>().TryReplaceAsync(null, copy, Ct);
        Assert.Null(await thief.GetTokenAsync());
        Assert.Equal(1, await server.ReusesAsync());
    }

    [Fact]
    public async Task New_proof_is_in_next_access_token_and_makes_copies_worthless()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var copy = await device.Resolve<ITokenStore>().ReadAsync(Ct);
        server.Advance(device, TimeSpan.FromMinutes(11));
        var before = await AuthTimeAsync(device);
        await device.Auth.ReauthenticateAsync(Device.Password, cancellationToken: Ct);
        Assert.Equal(before + 660, await AuthTimeAsync(device));
        server.Advance(device, TimeSpan.FromMinutes(1));
        Assert.Equal(before + 660, await AuthTimeAsync(device));
        Assert.Empty(device.Ended);

        await using var thief = server.NewDevice(setup => setup.Store = new MemoryTokenStore());
        await thief.Resolve<ITokenStore>().TryReplaceAsync(null, copy, Ct);
        Assert.Null(await thief.GetTokenAsync());
    }

    [Fact]
    public async Task New_proof_without_refresh_token_makes_next_request_refresh()
    {
        using var server = new StubServer
        {
            OnCall = call => Task.FromResult(call.Path == "/reauthenticate" && HasToken(call)
                ? StubServer.Problem(401, AuthServerErrorCodes.AccessTokenExpired)
                : new HttpResponseMessage(HttpStatusCode.NoContent)),
        };
        await using var device = await server.LogInAsync();
        await device.Auth.ReauthenticateAsync("secret", cancellationToken: Ct);
        Assert.Equal([true, true, false], server.Calls.Select(HasToken));
        var refreshes = server.Presented.Count();
        Assert.Equal($"a{refreshes + 1}", await device.GetTokenAsync());
    }

    public static TheoryData<string, Func<AuthServerClient, Task>> Calls => new()
    {
        { "/password", auth => auth.ChangePasswordAsync("old", "new", cancellationToken: Ct) },
        { "/password", auth => auth.SetPasswordAsync("new", Ct) },
        { "/reauthenticate", auth => auth.ReauthenticateAsync("old", cancellationToken: Ct) },
        { "/reauthenticate", auth => auth.ReauthenticateByMailAsync("12345678", cancellationToken: Ct) },
        { "/reauthenticate", auth => auth.ReauthenticateByPasskeyAsync("s", Credential, Ct) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_presents_refresh_token_and_keeps_new_pair(string path, Func<AuthServerClient, Task> callAsync)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Pair(7)) };
        await using var device = await server.LogInAsync();
        await callAsync(device.Auth);
        var change = Assert.Single(server.Calls);
        Assert.Equal((path, "Bearer a0"), (change.Path, change.Authorization));
        Assert.Equal("r0", TokenOf(change));
        Assert.Equal("a7", await device.GetTokenAsync());
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        await device.GetTokenAsync();
        Assert.Equal(["r7"], server.Presented);
    }

    [Fact]
    public async Task First_password_and_proofs_send_what_they_have_alone()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent)) };
        await using var device = new Device(StubServer.Address, setup => setup.Primary = server);
        await device.Auth.SetPasswordAsync("new", Ct);
        await device.Auth.ReauthenticateAsync("old", "1", Ct);
        await device.Auth.ReauthenticateByMailAsync("12345678", "1", Ct);
        await device.Auth.ReauthenticateByPasskeyAsync("s", Credential, Ct);
        string[] bodies =
        [
            """{"newPassword":"new"}""",
            """{"password":"old","code":"1"}""",
            """{"mailCode":"12345678","code":"1"}""",
            """{"state":"s","credential":{"id":"i"}}""",
        ];
        Assert.Equal(bodies, server.Calls.Select(call => call.Body));
    }

    [Fact]
    public async Task Change_waits_for_refresh_and_presents_its_token()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        using var server = new StubServer
        {
            OnRefresh = (_, _) => answer.Task,
            OnCall = _ => Task.FromResult(StubServer.Pair(7)),
        };
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        var token = device.GetTokenAsync();
        var change = device.Auth.ChangePasswordAsync("old", "new", cancellationToken: Ct);
        Assert.Empty(server.Calls);
        answer.SetResult(StubServer.Pair(1));
        await Task.WhenAll(token, change);
        Assert.Equal("r1", TokenOf(Assert.Single(server.Calls)));
    }

    [Fact]
    public async Task Refresh_waits_for_change_and_presents_no_replaced_token()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        using var server = new StubServer
        {
            OnCall = _ =>
            {
                asked.SetResult();
                return answer.Task;
            },
        };
        await using var device = await server.LogInAsync();
        var change = device.Auth.ChangePasswordAsync("old", "new", cancellationToken: Ct);
        await asked.Task;
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        var token = device.GetTokenAsync();
        answer.SetResult(StubServer.Pair(7));
        await Task.WhenAll(change, token);
        Assert.DoesNotContain("r0", server.Presented);
    }

    [Fact]
    public async Task Change_with_expired_access_token_is_sent_again_after_refresh()
    {
        using var server = new StubServer
        {
            OnCall = call => Task.FromResult(call.Authorization == "Bearer a0"
                ? StubServer.Problem(401, AuthServerErrorCodes.AccessTokenExpired)
                : StubServer.Pair(7)),
        };
        await using var device = await server.LogInAsync();
        await device.Auth.ChangePasswordAsync("old", "new", cancellationToken: Ct);
        Assert.Equal(["r0", "r1"], server.Calls.Select(TokenOf));
    }

    [Theory]
    [InlineData(AuthServerErrorCodes.RefreshTokenReused, true)]
    [InlineData(AuthServerErrorCodes.SessionEnded, true)]
    [InlineData(AuthServerErrorCodes.InvalidCredentials, false)]
    public async Task Refusal_ends_session_only_if_server_has_ended_it(string code, bool ends)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(401, code)) };
        await using var device = await server.LogInAsync();
        var refusal = await Assert.ThrowsAsync<AuthServerException>(
            () => device.Auth.ChangePasswordAsync("old", "new", cancellationToken: Ct));
        Assert.Equal(code, refusal.Code);
        Assert.Equal(ends ? [code] : [], device.Ended.Select(ended => ended.Code));
        Assert.Equal(!ends, await device.Auth.IsLoggedInAsync(Ct));
    }

    [Fact]
    public async Task Proof_without_code_returns_factors_and_keeps_session()
    {
        using var server = new StubServer
        {
            OnCall = _ => Task.FromResult(StubServer.Problem(
                401, AuthServerErrorCodes.SecondFactorRequired, methods: ["totp", "recovery_code"])),
        };
        await using var device = await server.LogInAsync();
        foreach (var result in new[]
        {
            await device.Auth.ReauthenticateAsync("old", cancellationToken: Ct),
            await device.Auth.ReauthenticateByMailAsync("12345678", cancellationToken: Ct),
        })
        {
            Assert.Equal(["totp", "recovery_code"], Assert.IsType<ReauthenticationCodeNeeded>(result).Methods);
        }

        Assert.Equal("a0", await device.GetTokenAsync());
        Assert.Empty(device.Ended);
    }

    private static async Task<long> AuthTimeAsync(Device device)
    {
        var claims = Base64Url.DecodeFromChars((await device.GetTokenAsync())!.Split('.')[1]);
        return JsonDocument.Parse(claims).RootElement.GetProperty("auth_time").GetInt64();
    }

    private static bool HasToken(Call call) => JsonDocument.Parse(call.Body).RootElement.TryGetProperty("refreshToken", out _);

    private static string? TokenOf(Call call) =>
        JsonDocument.Parse(call.Body).RootElement.GetProperty("refreshToken").GetString();
}
