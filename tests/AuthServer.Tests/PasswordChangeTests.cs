using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Changing a password.</summary>
public sealed class PasswordChangeTests
{
    private const string NewPassword = "analytical engine number two";

    [Fact]
    public async Task Change_ends_all_other_sessions_and_only_new_password_logs_in()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        (await ChangeAsync(laptop, AuthServerApp.Password, NewPassword)).ShouldBe(HttpStatusCode.NoContent);

        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await laptop.RefreshAsync();
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("password_changed");
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("password_changed");
        await bob.RefreshAsync();

        var http = app.CreateClient();
        var old = await http.PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        await old.ShouldBeProblemAsync(401, "invalid_credentials");
        await (await http.PostAsync("/login", new { username = "ada", password = NewPassword })).ShouldBePairAsync();
    }

    [Fact]
    public async Task Wrong_current_password_changes_nothing_and_is_counted()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        await (await ChangeAsync(laptop, "wrong", NewPassword)).ShouldBeProblemAsync(401, "invalid_credentials");
        await phone.RefreshAsync();
        await app.LogInAsync("ada");
        await app.CountEventsAsync();
        Assert.Equal(1, await app.InDatabaseAsync(db => Task.FromResult(
            db.Events.Count(e => e.Kind == EventKind.PasswordChangeFailed))));
    }

    [Theory]
    [InlineData(null, NewPassword, "currentPassword")]
    [InlineData(AuthServerApp.Password, null, "newPassword")]
    [InlineData(AuthServerApp.Password, "short", "newPassword")]
    [InlineData(AuthServerApp.Password, "password1234", "newPassword")]
    [InlineData(AuthServerApp.Password, "lovelace1815", "newPassword")]
    public async Task Field_that_breaks_its_rule_is_named(string? current, string? next, string field)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada.lovelace@example.org");
        var problem = await (await ChangeAsync(ada, current, next)).ShouldBeProblemAsync(400, "invalid_request");
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task Change_without_access_token_of_live_session_is_refused()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await (await ada.Http.PostAsync("/password", new { currentPassword = AuthServerApp.Password, newPassword = NewPassword }))
            .ShouldBeProblemAsync(401, "access_token_missing");
        await ada.LogoutAsync();
        await (await ChangeAsync(ada, AuthServerApp.Password, NewPassword)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Change_whose_session_ends_first_changes_nothing()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var user = await app.InDatabaseAsync(db => Task.FromResult(db.Users.Single()));
        await ada.LogoutAsync();
        var proof = new SessionProof(ProofOf(user), ada.SessionId, null, new ClientInfo(null, null));
        Assert.Equal(
            new AskingSessionEnded(EndReason.Logout),
            await app.Get<AccountStore>().ChangePasswordAsync(
                proof, "another hash", TestContext.Current.CancellationToken));
        await app.LogInAsync("ada");
    }

    [Fact]
    public async Task Proof_from_before_password_change_neither_changes_nor_logs_in()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var user = await app.InDatabaseAsync(db => Task.FromResult(db.Users.Single()));
        (await ChangeAsync(ada, AuthServerApp.Password, NewPassword)).ShouldBe(HttpStatusCode.NoContent);

        var client = new ClientInfo(null, null);
        Assert.IsType<SessionProofVoid>(await app.Get<AccountStore>().ChangePasswordAsync(
            new SessionProof(ProofOf(user), ada.SessionId, null, client),
            "another hash",
            TestContext.Current.CancellationToken));
        Assert.IsType<LoginProofVoid>(await app.Get<SessionStore>().OpenAsync(
            new NewSession(ProofOf(user), null, null, client), TestContext.Current.CancellationToken));
    }

    private static AuthenticationProof ProofOf(UserRow user) =>
        new(user.Id, AuthenticationMethods.Password, DateTimeOffset.UnixEpoch, user.SecurityStamp);

    private static Task<HttpResponseMessage> ChangeAsync(LoggedInDevice session, string? currentPassword, string? newPassword) =>
        session.SendAsync(HttpMethod.Post, "/password", new { currentPassword, newPassword });
}
