using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>What a session that has ended answers to its tokens: the code <c>session_ended</c> and every reason of the contract.</summary>
public sealed class SessionEndedTests
{
    private const string Password = AuthServerApp.Password;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reasons => ["logout", "logout_all", "revoked", "displaced", "password_changed", "disabled", "reused"];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Access_token_of_a_session_that_has_ended_is_told_why(string reason)
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", reason == "displaced" ? "2" : "0"), ("Sessions:Grace", "00:00:00"));
        var ada = await app.SignInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var other = await app.SignInAsync("ada");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await EndAsync(app, ada, other, reason);

        await (await ada.GetAsync("/me")).ShouldBeEndedAsync(reason);
        await (await ada.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBeEndedAsync(reason);
        var refreshed = await ada.PresentAsync(ada.Pair.RefreshToken);
        await (reason == "reused" ? refreshed.ShouldBeProblemAsync(401, "refresh_token_reused") : refreshed.ShouldBeEndedAsync(reason));
        (await ada.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Refresh_token_of_a_session_that_expired_is_told_so_when_it_comes_again()
    {
        await using var app = new AuthServerApp(("Sessions:IdleLifetime", "00:01:00"));
        var ada = await app.SignInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
    }

    [Fact]
    public async Task Access_token_that_is_expired_is_so_whether_or_not_its_session_has_ended()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    private static async Task EndAsync(AuthServerApp app, SignedIn ada, SignedIn other, string reason)
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
                await app.SignInAsync("ada");
                break;
            case "password_changed":
                var change = new { currentPassword = Password, newPassword = "velvet harbour umbrella 92" };
                (await other.SendAsync(HttpMethod.Post, "/password", change)).ShouldBe(HttpStatusCode.NoContent);
                break;
            case "disabled":
                Assert.True(await app.Get<AccountStore>().SetDisabledAsync(ada.Claims.GetProperty("sub").GetGuid(), disabled: true, Ct));
                break;
            case "reused":
                var old = ada.Pair.RefreshToken;
                await ada.RefreshAsync();
                await (await ada.PresentAsync(old)).ShouldBeProblemAsync(401, "refresh_token_reused");
                break;
        }
    }
}
