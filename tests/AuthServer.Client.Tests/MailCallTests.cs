using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;
using static AuthServer.Client.Tests.Support.RealServer;

namespace AuthServer.Client.Tests;

/// <summary>The typed calls for mails, against the real server below a path.</summary>
public sealed class MailCallTests
{
    private const string Confirm = "Confirm your email address";
    private const string NewPassword = "analytical engine number two";

    private readonly Mailbox mailbox = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Address_is_changed_confirmed_and_removed()
    {
        await using var server = await StartAsync(mailbox);
        await using var device = server.NewDevice();
        await device.LoginAsync();
        await device.Auth.ChangeEmailAsync("ada@example.com", Ct);
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        var link = await device.Auth.InspectLinkAsync(token, Ct);
        Assert.Equal(("confirm_email", "ada", "ada@example.com"), (link.Kind, link.Username, link.Email));
        Assert.Equal(server.App.Clock.GetUtcNow().AddHours(24), link.ExpiresAt);
        await device.Auth.ConfirmEmailAsync(token, Ct);
        await device.LoginAsync("ada@example.com");
        await device.Auth.RemoveEmailAsync(Ct);
        var refusal = await RefusalAsync(device.LoginAsync("ada@example.com"));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, refusal.Code);
    }

    [Fact]
    public async Task Forgotten_password_is_set_and_its_sessions_end()
    {
        await using var server = await StartAsync(mailbox);
        await using var device = server.NewDevice();
        await VerifyAsync(device);
        await device.Auth.RequestPasswordResetAsync("unknown", Ct);
        await device.Auth.RequestPasswordResetAsync("ada", Ct);
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Set a new password"));
        var weak = await RefusalAsync(device.Auth.ResetPasswordAsync(token, "short", Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidRequest, weak.Code);
        await device.Auth.ResetPasswordAsync(token, NewPassword, Ct);
        var used = await RefusalAsync(device.Auth.ResetPasswordAsync(token, NewPassword, Ct));
        Assert.Equal(AuthServerErrorCodes.LinkInvalid, used.Code);
        server.Advance(device, TimeSpan.FromSeconds(20));
        Assert.Null(await device.GetTokenAsync());
        Assert.Equal("password_changed", Assert.Single(device.Ended).Reason);
        await device.Auth.LoginAsync("ada", NewPassword, cancellationToken: Ct);
    }

    [Fact]
    public async Task Link_logs_in_and_device_is_known_afterwards()
    {
        await using var server = await StartAsync(mailbox, ("Accounts:LoginByMail", "true"));
        await using var device = server.NewDevice();
        await VerifyAsync(device);
        await using var phone = server.NewDevice();
        await phone.Auth.RequestLoginLinkAsync("ada@example.com", Ct);
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Your login link"));
        await phone.Auth.LoginByLinkAsync(token, "phone", Ct);
        await mailbox.NextAsync("New login to your account");
        Assert.Equal("ada", (await phone.Auth.GetMeAsync(Ct)).Username);
        await phone.LoginAsync();
        Assert.Equal(3, await server.App.InDatabaseAsync(db => Task.FromResult(db.Mails.Count())));
    }

    [Fact]
    public async Task Login_by_link_that_is_switched_off_is_not_found()
    {
        await using var server = await StartAsync(mailbox);
        await using var device = server.NewDevice();
        var refusal = await RefusalAsync(device.Auth.RequestLoginLinkAsync("ada", Ct));
        Assert.Equal(AuthServerErrorCodes.NotFound, refusal.Code);
    }

    private static Task<AuthServerException> RefusalAsync(Task call) => Assert.ThrowsAsync<AuthServerException>(() => call);

    private async Task VerifyAsync(Device device)
    {
        await device.LoginAsync();
        await device.Auth.ChangeEmailAsync("ada@example.com", Ct);
        await device.Auth.ConfirmEmailAsync(Mailbox.TokenOf(await mailbox.NextAsync(Confirm)), Ct);
    }
}
