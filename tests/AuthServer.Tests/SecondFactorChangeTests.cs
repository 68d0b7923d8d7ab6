using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.Authenticator;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Second factors that are set up, removed and switched, and the proofs that this needs.</summary>
public sealed class SecondFactorChangeTests : IAsyncLifetime
{
    private const string Totp = "/second-factors/totp";

    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    public static TheoryData<string, string> Changes => new()
    {
        { "PATCH", "/second-factors" }, { "POST", Totp }, { "POST", Totp + "/confirm" }, { "DELETE", Totp },
        { "POST", "/second-factors/recovery-codes" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_needs_fresh_proof(string method, string path)
    {
        var ada = await app.LogInAsync("ada");
        await SetUpAsync(app, ada);
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var answer = await ada.SendAsync(new HttpMethod(method), path, method == "DELETE" ? null : new { });
        await answer.ShouldBeProblemAsync(403, "reauthentication_required");
    }

    [Fact]
    public async Task Setting_up_ends_other_sessions_and_removing_too()
    {
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        await SetUpAsync(app, ada);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.SendAsync(HttpMethod.Delete, Totp)).ShouldBe(HttpStatusCode.NoContent);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        await app.LogInAsync("ada");
        var factors = await (await ada.GetAsync("/second-factors")).ShouldBeJsonAsync();
        Assert.False(factors.GetProperty("required").GetBoolean());
        Assert.False(factors.GetProperty("totp").GetBoolean());
        Assert.Equal(0, factors.GetProperty("recoveryCodesLeft").GetInt32());
        await (await ada.SendAsync(HttpMethod.Delete, Totp)).ShouldBeProblemAsync(404, "not_found");
        var codes = await ada.SendAsync(HttpMethod.Post, "/second-factors/recovery-codes");
        await codes.ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Session_that_has_ended_meanwhile_changes_nothing()
    {
        var ada = await app.LogInAsync("ada");
        await SetUpAsync(app, ada);

        // As if another node had ended it a moment ago.
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(s => s.EndedAt, app.Clock.GetUtcNow()).SetProperty(s => s.EndReason, EndReason.Revoked), Ct));
        await (await ada.SendAsync(HttpMethod.Delete, Totp)).ShouldBeEndedAsync("revoked");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Totps.CountAsync(Ct)));
    }

    [Fact]
    public async Task Fresh_session_of_two_factors_changes_password_without_code()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var completed = await CompleteAsync(http, await ChallengeAsync(http), authenticator.Code(1));
        var ada = new LoggedInDevice(http, await completed.ShouldBePairAsync());
        var next = "several unrelated words";
        var change = await ada.SendAsync(
            HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = next });
        change.ShouldBe(HttpStatusCode.NoContent);

        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var late = await ada.SendAsync(HttpMethod.Post, "/password", new { currentPassword = next, newPassword = Password });
        await late.ShouldBeProblemAsync(401, "second_factor_required");
    }

    [Fact]
    public async Task Code_is_not_used_up_by_refused_refresh_token()
    {
        var ada = await app.LogInAsync("ada");
        var old = ada.Pair.RefreshToken;
        var authenticator = await SetUpAsync(app, ada);
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        var code = authenticator.Code(1);
        var refused = await ada.SendAsync(
            HttpMethod.Post, "/reauthenticate", new { password = Password, code, refreshToken = old });
        await refused.ShouldBeProblemAsync(401, "refresh_token_reused");
        var http = app.CreateClient();
        await (await CompleteAsync(http, await ChallengeAsync(http), code)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Second_app_is_refused_and_first_one_stays()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        await (await ada.SendAsync(HttpMethod.Post, Totp)).ShouldBeInvalidAsync("totp");
        var http = app.CreateClient();
        await (await CompleteAsync(http, await ChallengeAsync(http), authenticator.NextCode())).ShouldBePairAsync();
    }

    [Theory]
    [InlineData(null, 400, "invalid_request")]
    [InlineData("", 400, "invalid_request")]
    [InlineData("12345", 401, "second_factor_invalid")]
    [InlineData("abcdef", 401, "second_factor_invalid")]
    public async Task Wrong_first_code_sets_nothing_up(string? code, int status, string error)
    {
        var ada = await app.LogInAsync("ada");
        var confirm = Totp + "/confirm";
        await (await ada.SendAsync(HttpMethod.Post, confirm, new { code = "000000" }))
            .ShouldBeProblemAsync(401, "second_factor_invalid");
        await (await ada.SendAsync(HttpMethod.Post, Totp)).ShouldBeJsonAsync();
        await (await ada.SendAsync(HttpMethod.Post, confirm, new { code })).ShouldBeProblemAsync(status, error);
        await app.LogInAsync("ada");
    }

    [Fact]
    public async Task Secret_from_before_is_replaced_and_old_one_is_over_after_hour()
    {
        var ada = await app.LogInAsync("ada");
        var first = await (await ada.SendAsync(HttpMethod.Post, Totp)).ShouldBeJsonAsync();
        var second = await (await ada.SendAsync(HttpMethod.Post, Totp)).ShouldBeJsonAsync();
        var (old, late) = (AppOf(first), AppOf(second));
        await ShouldNotConfirmAsync(ada, old.Code());
        for (var minutes = 0; minutes < 60; minutes += 10)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(10));
            await ada.RefreshAsync();
            var again = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { password = Password });
            again.ShouldBe(HttpStatusCode.NoContent);
        }

        await ada.RefreshAsync();
        await ShouldNotConfirmAsync(ada, late.Code());
    }

    [Fact]
    public async Task User_switches_requirement_off_and_on()
    {
        var ada = await app.LogInAsync("ada");
        await (await SwitchAsync(ada, required: true)).ShouldBeInvalidAsync("required");
        await (await SwitchAsync(ada, required: null)).ShouldBeInvalidAsync("required");
        await SetUpAsync(app, ada);
        var off = await (await SwitchAsync(ada, required: false)).ShouldBeJsonAsync();
        Assert.False(off.GetProperty("required").GetBoolean());
        Assert.True(off.GetProperty("totp").GetBoolean());
        await app.LogInAsync("ada");
        Assert.True((await (await SwitchAsync(ada, required: true)).ShouldBeJsonAsync()).GetProperty("required").GetBoolean());
        await ChallengeAsync(app.CreateClient());
    }

    [Fact]
    public async Task New_recovery_codes_replace_old_ones()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        var answer = await ada.SendAsync(HttpMethod.Post, "/second-factors/recovery-codes");
        var codes = CodesOf(await answer.ShouldBeJsonAsync());
        Assert.Empty(codes.Intersect(authenticator.RecoveryCodes));
        var http = app.CreateClient();
        var old = await CompleteAsync(http, await ChallengeAsync(http), authenticator.RecoveryCodes[0]);
        await old.ShouldBeProblemAsync(401, "second_factor_invalid");
        await (await CompleteAsync(http, await ChallengeAsync(http), codes[0])).ShouldBePairAsync();
    }

    [Fact]
    public async Task Session_cookie_is_renewed_with_each_change()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var copy = browser.Cookie;
        var begun = await (await browser.SendAsync(HttpMethod.Post, Totp)).ShouldBeJsonAsync();
        var code = AppOf(begun).Code();
        await (await browser.SendAsync(HttpMethod.Post, Totp + "/confirm", new { code })).ShouldBeJsonAsync();
        Assert.NotEqual(copy, browser.Cookie);
        (await browser.SendAsync(HttpMethod.Get, "/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Thief_with_session_and_password_removes_no_factor()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await ada.RefreshAsync();
        var byPassword = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { password = Password });
        var problem = await byPassword.ShouldBeProblemAsync(401, "second_factor_required");
        Assert.False(problem.TryGetProperty("challenge", out _));
        Assert.Equal("[\"totp\",\"recovery_code\"]", problem.GetProperty("methods").GetRawText());
        var wrong = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { password = Password, code = "000000" });
        await wrong.ShouldBeProblemAsync(401, "second_factor_invalid");
        var change = new { currentPassword = Password, newPassword = "analytical engine number two" };
        await (await ada.SendAsync(HttpMethod.Post, "/password", change)).ShouldBeProblemAsync(401, "second_factor_required");
        await (await ada.SendAsync(HttpMethod.Delete, Totp)).ShouldBeProblemAsync(403, "reauthentication_required");

        var code = authenticator.Code();
        var proof = new { password = Password, code, ada.Pair.RefreshToken };
        var pair = await (await ada.SendAsync(HttpMethod.Post, "/reauthenticate", proof)).ShouldBePairAsync();
        var fresh = new LoggedInDevice(ada.Http, pair);
        Assert.Equal("[\"pwd\",\"otp\",\"mfa\"]", fresh.Claims.GetProperty("amr").GetRawText());
        (await fresh.SendAsync(HttpMethod.Delete, Totp)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Code_of_reauthentication_is_used_up()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        var proof = new { password = Password, code = authenticator.Code(1) };
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate", proof)).ShouldBe(HttpStatusCode.NoContent);
        var again = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", proof);
        await again.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Options_list_what_login_asks_for()
    {
        var ada = await app.LogInAsync("ada");
        Assert.Equal(("[\"password\"]", "[]"), await OptionsAsync(ada));
        await SetUpAsync(app, ada);
        Assert.Equal(("[\"password\"]", "[\"totp\",\"recovery_code\"]"), await OptionsAsync(ada));
    }

    [Fact]
    public async Task Operator_removes_factors_and_ends_sessions()
    {
        var ada = await app.LogInAsync("ada");
        await SetUpAsync(app, ada);
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct));
        Assert.True(await app.Get<Storage.SecondFactorStore>().RemoveAllAsync(id, Ct));
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        await app.LogInAsync("ada");
        Assert.Equal(0, await app.InDatabaseAsync(db => db.RecoveryCodes.CountAsync(Ct)));
        Assert.False(await app.Get<Storage.SecondFactorStore>().RemoveAllAsync(Guid.NewGuid(), Ct));
    }

    private Authenticator AppOf(System.Text.Json.JsonElement begun) => new(app, begun.GetProperty("secret").GetString()!);

    private static async Task ShouldNotConfirmAsync(LoggedInDevice device, string code) =>
        await (await device.SendAsync(HttpMethod.Post, Totp + "/confirm", new { code }))
            .ShouldBeProblemAsync(401, "second_factor_invalid");

    private static Task<HttpResponseMessage> SwitchAsync(LoggedInDevice device, bool? required) =>
        device.SendAsync(HttpMethod.Patch, "/second-factors", new { required });

    private static async Task<(string Methods, string SecondFactors)> OptionsAsync(LoggedInDevice device)
    {
        var options = await (await device.SendAsync(HttpMethod.Post, "/reauthenticate/options")).ShouldBeJsonAsync();
        return (options.GetProperty("methods").GetRawText(), options.GetProperty("secondFactors").GetRawText());
    }
}
