using System.Net;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Proofs of identity: the security stamp that makes old proofs void, and the claims of a proof in tokens.</summary>
public sealed class AuthenticationProofTests
{
    private const string NewPassword = "velvet harbour umbrella 92";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Security_stamp_changes_with_password()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var before = await UserAsync(app);
        var passwords = new { currentPassword = AuthServerApp.Password, newPassword = NewPassword };
        (await ada.SendAsync(HttpMethod.Post, "/password", passwords)).ShouldBe(HttpStatusCode.NoContent);
        Assert.NotEqual(before.SecurityStamp, (await UserAsync(app)).SecurityStamp);
    }

    [Fact]
    public async Task Security_stamp_changes_with_reset_of_password()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var before = await UserAsync(app);
        Assert.True(await app.Get<AccountStore>().SetPasswordAsync(before.Id, "another hash", Ct));
        Assert.NotEqual(before.SecurityStamp, (await UserAsync(app)).SecurityStamp);
    }

    [Fact]
    public async Task Security_stamp_stays_with_rehash_of_same_password()
    {
        using var folder = new TempFolder();
        UserRow before;
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "4")))
        {
            await app.LogInAsync("ada");
            before = await UserAsync(app);
        }

        await using var later = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "5"));
        await later.LogInAsync("ada");
        var after = await UserAsync(later);
        Assert.NotEqual(before.PasswordHash, after.PasswordHash);
        Assert.Equal(before.SecurityStamp, after.SecurityStamp);
    }

    [Fact]
    public async Task Security_stamp_differs_between_accounts()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        await app.LogInAsync("bob");
        var stamps = await app.InDatabaseAsync(db => db.Users.Select(u => u.SecurityStamp).ToListAsync(Ct));
        Assert.Distinct(stamps.Append(Guid.Empty));
    }

    [Fact]
    public async Task Access_token_has_moment_and_methods_of_login_through_all_refreshes()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMilliseconds(61_999));
        var ada = await app.LogInAsync("ada");
        var login = app.Clock.GetUtcNow().ToUnixTimeSeconds();
        for (var refresh = 0; refresh < 3; refresh++)
        {
            Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds(), ada.Claims.GetProperty("iat").GetInt64());
            Assert.Equal(login, ada.Claims.GetProperty("auth_time").GetInt64());
            Assert.Equal("[\"pwd\"]", ada.Claims.GetProperty("amr").GetRawText());
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await ada.RefreshAsync();
        }
    }

    [Fact]
    public async Task Proof_with_older_stamp_opens_no_session()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var user = await UserAsync(app);
        var proof = new AuthenticationProof(user.Id, AuthenticationMethods.Password, app.Clock.GetUtcNow(), user.SecurityStamp);
        Assert.IsType<SessionOpened>(await OpenAsync(app, proof));
        Assert.True(await app.Get<AccountStore>().SetPasswordAsync(user.Id, "another hash", Ct));

        Assert.IsType<LoginProofVoid>(await OpenAsync(app, proof));
        Assert.IsType<LoginProofVoid>(await OpenAsync(app, proof with { UserId = Guid.NewGuid() }));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
        Assert.Equal(2, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Login, Ct)));
        Assert.IsType<SessionOpened>(await OpenAsync(app, proof with { SecurityStamp = (await UserAsync(app)).SecurityStamp }));
    }

    [Fact]
    public async Task Proof_of_disabled_account_opens_no_session()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var user = await UserAsync(app);
        var proof = new AuthenticationProof(user.Id, AuthenticationMethods.Password, app.Clock.GetUtcNow(), user.SecurityStamp);
        Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(user.Id, disabled: true, Ct));
        Assert.Equal(new SessionRefused(ErrorCode.InvalidCredentials), await OpenAsync(app, proof));
        Assert.Equal(AccountResult.Changed, await app.Get<AccountStore>().SetDisabledAsync(user.Id, disabled: false, Ct));
        Assert.IsType<LoginProofVoid>(await OpenAsync(app, proof));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
    }

    [Fact]
    public void Each_method_has_its_value_of_amr() =>
        Assert.Equal(Enum.GetValues<AuthenticationMethods>(), AccessTokenClaims.AmrValues.Select(value => value.Method));

    private static Task<UserRow> UserAsync(AuthServerApp app) =>
        app.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(Ct));

    private static Task<OpenSessionResult> OpenAsync(AuthServerApp app, AuthenticationProof proof) =>
        app.Get<SessionStore>().OpenAsync(new NewSession(proof, null, null, new ClientInfo(null, null)), Ct);
}
