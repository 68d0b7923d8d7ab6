using System.Net;
using System.Text;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.Authenticator;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Logins that need a second factor.</summary>
public sealed class SecondFactorLoginTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new(("RateLimits:Enabled", "true"), ("RateLimits:Credentials:Burst", "100000"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Login_needs_code_once_app_is_confirmed()
    {
        var ada = await app.LogInAsync("ada");
        var begun = await (await ada.SendAsync(HttpMethod.Post, "/second-factors/totp")).ShouldBeJsonAsync();
        Assert.StartsWith(
            "otpauth://totp/localhost:ada?secret=" + begun.GetProperty("secret").GetString(),
            begun.GetProperty("uri").GetString(),
            StringComparison.Ordinal);
        Assert.StartsWith("<svg ", begun.GetProperty("qr").GetString(), StringComparison.Ordinal);
        await app.LogInAsync("ada");

        var authenticator = await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var answer = await http.PostAsync("/login", new { username = "ada", password = Password, deviceName = "Phone" });
        var problem = await answer.ShouldBeProblemAsync(401, "second_factor_required");
        Assert.Equal(300, problem.GetProperty("expiresIn").GetInt32());
        Assert.Equal("[\"totp\",\"recovery_code\"]", problem.GetProperty("methods").GetRawText());

        var challenge = problem.GetProperty("challenge").GetString()!;
        var pair = await (await CompleteAsync(http, challenge, authenticator.NextCode())).ShouldBePairAsync();
        var phone = new LoggedInDevice(http, pair);
        Assert.Equal("[\"pwd\",\"otp\",\"mfa\"]", phone.Claims.GetProperty("amr").GetRawText());
        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds(), phone.Claims.GetProperty("auth_time").GetInt64());
        Assert.Equal("Phone", (await app.RowOfAsync(phone)).DeviceName);
    }

    [Fact]
    public async Task Wrong_password_says_nothing_of_second_factor()
    {
        await SetUpAsync(app, await app.LogInAsync("ada"));
        var answer = await app.CreateClient().PostAsync("/login", new { username = "ada", password = "wrong password" });
        var problem = await answer.ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.False(problem.TryGetProperty("methods", out _));
    }

    [Fact]
    public async Task Basic_credentials_need_second_factor_too()
    {
        await SetUpAsync(app, await app.LogInAsync("ada"));
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"ada:{Password}"));
        var answer = await app.CreateClient().SendAsync(HttpMethod.Post, "/login", $"Basic {basic}");
        await answer.ShouldBeProblemAsync(401, "second_factor_required");
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Code_counts_one_step_before_and_after(int steps, bool counts)
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        var http = app.CreateClient();
        var answer = await CompleteAsync(http, await ChallengeAsync(http), authenticator.Code(steps));
        if (counts)
        {
            await answer.ShouldBePairAsync();
        }
        else
        {
            await answer.ShouldBeProblemAsync(401, "second_factor_invalid");
        }
    }

    [Fact]
    public async Task No_code_counts_twice_nor_one_from_before()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var used = authenticator.Code();
        await (await CompleteAsync(http, await ChallengeAsync(http), used)).ShouldBeProblemAsync(401, "second_factor_invalid");
        var next = authenticator.Code(1);
        await (await CompleteAsync(http, await ChallengeAsync(http), next)).ShouldBePairAsync();
        await (await CompleteAsync(http, await ChallengeAsync(http), next)).ShouldBeProblemAsync(401, "second_factor_invalid");
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        var before = authenticator.Code(-1);
        await (await CompleteAsync(http, await ChallengeAsync(http), authenticator.Code())).ShouldBePairAsync();
        await (await CompleteAsync(http, await ChallengeAsync(http), before)).ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Code_and_challenge_open_one_session_of_many_at_once()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var challenges = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ChallengeAsync(http)));
        var code = authenticator.NextCode();
        var answers = await Task.WhenAll(challenges.Select(challenge => CompleteAsync(http, challenge, code)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));

        var one = await ChallengeAsync(http);
        string[] codes = [authenticator.NextCode(), .. authenticator.RecoveryCodes.Take(5)];
        answers = await Task.WhenAll(codes.Select(each => CompleteAsync(http, one, each)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(3, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Recovery_code_works_once_however_it_is_typed()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        Assert.Equal(10, authenticator.RecoveryCodes.Distinct().Count());
        var http = app.CreateClient();
        var typed = $" {authenticator.RecoveryCodes[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)} ";
        var pair = await (await CompleteAsync(http, await ChallengeAsync(http), typed)).ShouldBePairAsync();
        var ada = new LoggedInDevice(http, pair);
        var factors = await (await ada.GetAsync("/second-factors")).ShouldBeJsonAsync();
        Assert.Equal(9, factors.GetProperty("recoveryCodesLeft").GetInt32());
        var again = await CompleteAsync(http, await ChallengeAsync(http), authenticator.RecoveryCodes[3]);
        await again.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Recovery_code_of_another_account_is_wrong()
    {
        var ofBob = await SetUpAsync(app, await app.LogInAsync("bob"));
        await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var answer = await CompleteAsync(http, await ChallengeAsync(http), ofBob.RecoveryCodes[0]);
        await answer.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Theory]
    [InlineData(null, "000000", "challenge")]
    [InlineData("", "000000", "challenge")]
    public async Task Missing_member_is_named(string? challenge, string? code, string field) =>
        await (await app.CreateClient().PostAsync("/login/second-factor", new { challenge, code })).ShouldBeInvalidAsync(field);

    [Theory]
    [InlineData("abc")]
    [InlineData("ünïcode")]
    public async Task Text_that_is_no_challenge_is_refused(string challenge) =>
        await (await CompleteAsync(app.CreateClient(), challenge, "000000")).ShouldBeProblemAsync(401, "second_factor_invalid");

    [Fact]
    public async Task Challenge_is_over_after_five_minutes_and_after_change_of_credentials()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        app.Clock.Advance(SecondFactorChallenge.Lifetime);
        var late = await CompleteAsync(http, challenge, authenticator.Code());
        await late.ShouldBeProblemAsync(401, "second_factor_invalid");

        challenge = await ChallengeAsync(http);
        await ada.RefreshAsync();
        var codes = await ada.SendAsync(HttpMethod.Post, "/second-factors/recovery-codes");
        await codes.ShouldBeJsonAsync();
        var later = await CompleteAsync(http, challenge, authenticator.Code());
        await later.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Disabled_account_opens_nothing_by_challenge()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct));
        Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, Ct));
        var answer = await CompleteAsync(http, challenge, authenticator.NextCode());
        await answer.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Second_step_answers_by_its_own_transport()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/second-factor?transport=cookie")
        {
            Content = HttpAssertions.Json(new { challenge, code = authenticator.NextCode() }),
            Headers = { { "Origin", "http://localhost" } },
        };
        var answer = await http.SendAsync(request, Ct);
        Assert.False((await answer.ShouldBeJsonAsync()).TryGetProperty("refreshToken", out _));
        Assert.Contains("__Host-refresh", SessionBrowser.CookieNamesOf(answer));
        Assert.Contains("__Host-device", SessionBrowser.CookieNamesOf(answer));
    }

    [Fact]
    public async Task Database_has_neither_secret_nor_code()
    {
        var ada = await app.LogInAsync("ada");
        var begun = await (await ada.SendAsync(HttpMethod.Post, "/second-factors/totp")).ShouldBeJsonAsync();
        var secret = OtpNet.Base32Encoding.ToBytes(begun.GetProperty("secret").GetString()!);
        var authenticator = await SetUpAsync(app, ada);
        var row = await app.InDatabaseAsync(db => db.Totps.SingleAsync(Ct));
        Assert.Equal(-1, row.Sealed.AsSpan().IndexOf(secret));
        var codes = await app.InDatabaseAsync(db => db.RecoveryCodes.ToListAsync(Ct));
        Assert.Equal(10, codes.Count);
        var hash = RecoveryCode.HashOf(RecoveryCode.Parse(authenticator.RecoveryCodes[0])!, row.UserId);
        Assert.All(codes, code => Assert.Equal(-1, code.Sealed.AsSpan().IndexOf(hash)));
        Assert.NotEmpty(app.Log.Lines);
        Assert.DoesNotContain(
            app.Log.Lines, line => authenticator.RecoveryCodes.Any(code => line.Text.Contains(code, StringComparison.Ordinal)));
    }
}
