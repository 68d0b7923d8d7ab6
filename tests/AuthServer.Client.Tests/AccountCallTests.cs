using AuthServer.Client.Tests.Support;
using static AuthServer.Client.Tests.Support.RealServer;

namespace AuthServer.Client.Tests;

/// <summary>The typed calls for the user's own data, against the real server below a path.</summary>
public sealed class AccountCallTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changed_profile_shows_in_answer_and_in_next_token()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var changes = new ProfileChanges { DisplayName = "Ada Lovelace", Locale = "ko" };
        var changed = await device.Auth.UpdateProfileAsync(changes, Ct);
        Assert.Equal(("ada", "Ada Lovelace"), (changed.Username, changed.DisplayName));
        Assert.Equal("Ada Lovelace", (await device.Auth.GetMeAsync(Ct)).DisplayName);
        await device.Auth.UpdateProfileAsync(new ProfileChanges { DisplayName = null }, Ct);
        Assert.Equal("ada", (await device.Auth.GetMeAsync(Ct)).DisplayName);
        var locale = await server.App.InDatabaseAsync(
            db => Task.FromResult(db.Users.Single(user => user.Username == "ada").Locale));
        Assert.Equal("ko", locale);
        var refusal = await RefusalAsync(device.Auth.UpdateProfileAsync(new ProfileChanges { Locale = "e" }, Ct));
        Assert.NotEmpty(refusal.Errors["locale"]);
    }

    [Fact]
    public async Task Changed_user_name_logs_in_and_needs_fresh_proof()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        Assert.Equal("Grace", (await device.Auth.ChangeUsernameAsync("Grace", Ct)).Username);
        Assert.Equal("Grace", (await device.Auth.GetMeAsync(Ct)).Username);
        await device.LoginAsync("grace");
        server.Advance(device, TimeSpan.FromMinutes(11));
        var refusal = await RefusalAsync(device.Auth.ChangeUsernameAsync("ada", Ct));
        Assert.Equal(AuthServerErrorCodes.ReauthenticationRequired, refusal.Code);
        await device.Auth.ReauthenticateAsync(Device.Password, cancellationToken: Ct);
        Assert.Equal("ada", (await device.Auth.ChangeUsernameAsync("ada", Ct)).Username);
    }

    [Fact]
    public async Task Deleted_account_leaves_no_session_here()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        await using var phone = server.NewDevice();
        await device.LoginAsync();
        await phone.LoginAsync();
        using (var export = await device.Auth.ExportAsync(Ct))
        {
            Assert.Equal("ada", export.RootElement.GetProperty("account").GetProperty("username").GetString());
        }

        await device.Auth.DeleteAccountAsync(Ct);
        Assert.False(await device.Auth.IsLoggedInAsync(Ct));
        Assert.Null(await device.GetTokenAsync());
        Assert.Empty(device.Ended);
        server.Advance(phone, TimeSpan.FromSeconds(20));
        Assert.Null(await phone.GetTokenAsync());
        Assert.Equal("deleted", Assert.Single(phone.Ended).Reason);
        var refusal = await RefusalAsync(device.LoginAsync());
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, refusal.Code);
    }

    [Fact]
    public async Task Refused_deletion_keeps_session()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        server.Advance(device, TimeSpan.FromMinutes(11));
        var refusal = await RefusalAsync(device.Auth.DeleteAccountAsync(Ct));
        Assert.Equal(AuthServerErrorCodes.ReauthenticationRequired, refusal.Code);
        Assert.Equal("ada", (await device.Auth.GetMeAsync(Ct)).Username);
    }

    private static Task<AuthServerException> RefusalAsync(Task call) => Assert.ThrowsAsync<AuthServerException>(() => call);
}
