using System.Net;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>The typed calls, against the real server below a path.</summary>
public sealed class TypedCallTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_registers_logs_in_and_is_known()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        var registered = await device.Auth.RegisterAsync("Grace", Device.Password, "grace@example.com", "Grace H.", Ct);
        Assert.False(await device.Auth.IsLoggedInAsync(Ct));
        await device.LoginAsync("grace", "laptop");
        Assert.True(await device.Auth.IsLoggedInAsync(Ct));

        var me = await device.Auth.GetMeAsync(Ct);
        Assert.Equal((registered.Id, registered.Username, "Grace H.", false), (me.Id, me.Username, me.DisplayName, me.Admin));
        Assert.Empty(me.Roles);
        Assert.Equal((server.App.Clock.GetUtcNow(), TimeSpan.FromSeconds(20)), (me.IssuedAt, me.ExpiresAt - me.IssuedAt));
        Assert.Equal(me.SessionId, (await device.Resolve<ITokenStore>().ReadAsync(Ct))!.SessionId);
    }

    [Fact]
    public async Task Session_ended_from_another_device_is_raised_with_reason()
    {
        await using var server = await RealServer.StartAsync();
        await using var laptop = server.NewDevice();
        await using var phone = server.NewDevice();
        await laptop.LoginAsync("ada", "laptop");
        await phone.LoginAsync("ada", "phone");
        var sessions = (await laptop.Auth.GetSessionsAsync(cancellationToken: Ct)).Sessions;
        var other = Assert.Single(sessions, session => session.DeviceName == "phone");
        Assert.False(other.Current);
        await laptop.Auth.EndSessionAsync(other.Id, Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, (await phone.GetAsync()).StatusCode);
        var ended = Assert.Single(phone.Ended);
        Assert.Equal((other.Id, "session_ended", "revoked"), (ended.SessionId, ended.Code, ended.Reason));
        Assert.False(await phone.Auth.IsLoggedInAsync(Ct));
        var all = (await laptop.Auth.GetSessionsAsync(includeEnded: true, cancellationToken: Ct)).Sessions;
        var gone = Assert.Single(all, session => session.Id == other.Id);
        Assert.Equal(("revoked", server.App.Clock.GetUtcNow()), (gone.EndReason, gone.EndedAt));
    }

    [Fact]
    public async Task Sessions_are_listed_in_pages_with_their_total()
    {
        await using var server = await RealServer.StartAsync();
        await using var laptop = server.NewDevice();
        await using var phone = server.NewDevice();
        await laptop.LoginAsync("ada", "laptop");
        await phone.LoginAsync("ada", "phone");
        var first = await laptop.Auth.GetSessionsAsync(limit: 1, cancellationToken: Ct);
        var last = await laptop.Auth.GetSessionsAsync(after: first.Next, cancellationToken: Ct);
        // The server's user has logged in before.
        Assert.Equal((3, 3, null), (first.Total, last.Total, last.Next));
        var all = first.Sessions.Concat(last.Sessions).ToList();
        Assert.Equal([null, "laptop", "phone"], all.Select(session => session.DeviceName).Order());
        Assert.All(all, session => Assert.Equal(["pwd"], session.Amr));
    }

    [Fact]
    public async Task Session_ended_without_requests_is_raised_at_refresh()
    {
        await using var server = await RealServer.StartAsync();
        await using var laptop = server.NewDevice();
        await using var phone = server.NewDevice();
        await laptop.LoginAsync();
        await phone.LoginAsync();
        await laptop.Auth.LogoutEverywhereAsync(Ct);
        Assert.False(await laptop.Auth.IsLoggedInAsync(Ct));
        Assert.Empty(laptop.Ended);

        phone.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(await phone.GetTokenAsync());
        Assert.Equal("logout_all", Assert.Single(phone.Ended).Reason);
    }

    [Fact]
    public async Task Logout_ends_session_at_server()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var stored = (await device.Resolve<ITokenStore>().ReadAsync(Ct))!;
        server.Advance(device, TimeSpan.FromMinutes(1));
        await device.Auth.LogoutAsync(Ct);
        var endedAt = await server.App.InDatabaseAsync(
            db => Task.FromResult(db.Sessions.Single(s => s.Id == stored.SessionId).EndedAt));
        Assert.NotNull(endedAt);
        Assert.Empty(server.Proxy.Refreshes);
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Wrong_password_is_no_new_proof_and_keeps_session()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var refusal = await RefusalAsync(device.Auth.ReauthenticateAsync("wrong", cancellationToken: Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, refusal.Code);
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Changed_password_replaces_old_one()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        const string NewPassword = "staple horse battery";
        var refusal = await RefusalAsync(device.Auth.ChangePasswordAsync("wrong", NewPassword, cancellationToken: Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, refusal.Code);
        await device.Auth.ChangePasswordAsync(Device.Password, NewPassword, cancellationToken: Ct);
        refusal = await RefusalAsync(device.LoginAsync());
        Assert.Equal((AuthServerErrorCodes.InvalidCredentials, HttpStatusCode.Unauthorized), (refusal.Code, refusal.Status));
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
    }

    [Fact]
    public async Task Password_is_estimated_with_names_and_without_session()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        var strong = await device.Auth.EstimatePasswordAsync(Device.Password, "grace", cancellationToken: Ct);
        Assert.Equal((true, null), (strong.Acceptable, strong.Detail));
        Assert.InRange(strong.Score, 2, 4);
        var personal = await device.Auth.EstimatePasswordAsync(
            "hopper1906", "grace", displayName: "Grace Hopper", cancellationToken: Ct);
        Assert.False(personal.Acceptable);
        Assert.Contains("your own names", personal.Detail, StringComparison.Ordinal);
        var refusal = await RefusalAsync(
            device.Auth.EstimatePasswordAsync("hopper1906", new string('g', 65), cancellationToken: Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidRequest, refusal.Code);
    }

    [Fact]
    public async Task Call_without_session_fails_as_token_missing()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        var refusal = await RefusalAsync(device.Auth.GetMeAsync(Ct));
        Assert.Equal(AuthServerErrorCodes.AccessTokenMissing, refusal.Code);
        await RefusalAsync(device.Auth.LogoutEverywhereAsync(Ct));
    }

    [Fact]
    public async Task Error_has_code_status_fields_and_trace()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        var refusal = await RefusalAsync(device.Auth.RegisterAsync("a:b", "short", cancellationToken: Ct));
        Assert.Equal((AuthServerErrorCodes.InvalidRequest, HttpStatusCode.BadRequest), (refusal.Code, refusal.Status));
        Assert.NotEmpty(refusal.Errors["username"]);
        Assert.NotNull(refusal.TraceId);
        refusal = await RefusalAsync(device.Auth.RegisterAsync("ada", Device.Password, cancellationToken: Ct));
        Assert.Equal(AuthServerErrorCodes.UsernameTaken, refusal.Code);
        Assert.Empty(refusal.Errors);
        await device.LoginAsync();
        refusal = await RefusalAsync(device.Auth.EndSessionAsync(Guid.NewGuid(), Ct));
        Assert.Equal(AuthServerErrorCodes.NotFound, refusal.Code);
    }

    [Fact]
    public async Task Rate_limit_gives_time_to_wait()
    {
        await using var server = await RealServer.StartAsync(("RateLimits:Enabled", "true"));
        await using var device = server.NewDevice();
        AuthServerException refusal;
        do
        {
            refusal = await RefusalAsync(device.Auth.LoginAsync("unknown", "wrong", cancellationToken: Ct));
        }
        while (refusal.Code == AuthServerErrorCodes.InvalidCredentials);

        Assert.Equal((AuthServerErrorCodes.TooManyRequests, (HttpStatusCode)429), (refusal.Code, refusal.Status));
        Assert.True(refusal.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void Codes_equal_contract()
    {
        var known = typeof(AuthServerErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        var server = Enum.GetValues<Core.ErrorCode>().Select(Http.AuthProblems.Name);

        // The client sends no wrong method, body or type, no cookie and no two tokens. It calls no route for other providers.
        // So a program never gets these.
        string[] never =
        [
            "token_mismatch", "session_invalid", "cross_site", "method_not_allowed", "body_too_large", "unsupported_media_type",
            "external_login_failed",
        ];
        Assert.Equal(server.Except(never).Append(AuthServerErrorCodes.UnexpectedAnswer).Order(), known.Order());
    }

    private static Task<AuthServerException> RefusalAsync(Task call) => Assert.ThrowsAsync<AuthServerException>(() => call);
}
