using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Answers to tokens of an ended session: <c>session_ended</c> with each reason of the contract.</summary>
public sealed class SessionEndedTests
{
    private const string Password = AuthServerApp.Password;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reasons =>
        ["logout", "logout_all", "revoked", "displaced", "replaced", "password_changed", "disabled", "reused"];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Access_token_of_ended_session_is_refused_with_reason(string reason)
    {
        await using var app = new AuthServerApp(
            ("Sessions:MaxPerUser", reason == "displaced" ? "2" : "0"), ("Sessions:Grace", "00:00:00"));
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var other = await app.LogInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await EndAsync(app, ada, other, reason);

        await (await ada.GetAsync("/me")).ShouldBeEndedAsync(reason);
        await (await ada.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBeEndedAsync(reason);
        var refreshed = await ada.PresentAsync(ada.Pair.RefreshToken);
        await (reason == "reused"
            ? refreshed.ShouldBeProblemAsync(401, "refresh_token_reused")
            : refreshed.ShouldBeEndedAsync(reason));
        (await ada.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Refresh_token_of_expired_session_is_expired_each_time()
    {
        await using var app = new AuthServerApp(("Sessions:IdleLifetime", "00:01:00"));
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
    }

    [Fact]
    public async Task Expired_access_token_of_ended_session_is_expired()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    private static async Task EndAsync(AuthServerApp app, LoggedInDevice ada, LoggedInDevice other, string reason)
    {
        switch (reason)
        {
            case "logout":
                (await ada.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
                break;
            case "logout_all":
                (await other.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBe(HttpStatusCode.NoContent);
                break;
            case "revoked":
                (await other.SendAsync(HttpMethod.Delete, $"/sessions/{ada.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
                break;
            case "displaced":
                await app.LogInAsync("ada");
                break;
            case "replaced":
                var login = await app.PostFromAsync(
                    Browser.Own, "/login?transport=cookie", ada.Pair.RefreshToken, new { username = "ada", password = Password });
                login.ShouldBe(HttpStatusCode.OK);
                break;
            case "password_changed":
                var change = new { currentPassword = Password, newPassword = "velvet harbour umbrella 92" };
                (await other.SendAsync(HttpMethod.Post, "/password", change)).ShouldBe(HttpStatusCode.NoContent);
                break;
            case "disabled":
                var user = ada.Claims.GetProperty("sub").GetGuid();
                Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(user, disabled: true, Ct));
                break;
            case "reused":
                var old = ada.Pair.RefreshToken;
                await ada.RefreshAsync();
                await (await ada.PresentAsync(old)).ShouldBeProblemAsync(401, "refresh_token_reused");
                break;
        }
    }
}
