using AuthServer.Client.Tests.Support;
using AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace AuthServer.Client.Tests;

/// <summary>The typed calls for second factors, against the real server below a path.</summary>
public sealed class SecondFactorCallTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_returns_step_and_code_completes_it()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var setup = await device.Auth.BeginTotpAsync(Ct);
        Assert.DoesNotContain(setup.Secret, setup.ToString(), StringComparison.Ordinal);
        var codes = await device.Auth.ConfirmTotpAsync(CodeOf(server, setup), Ct);
        Assert.Equal(10, codes.Count);

        await using var phone = server.NewDevice();
        var step = Assert.IsType<SecondFactorNeeded>(
            await phone.Auth.LoginAsync("ada", Device.Password, cancellationToken: Ct));
        Assert.Equal((TimeSpan.FromMinutes(5), "totp,recovery_code"), (step.ExpiresIn, string.Join(',', step.Methods)));
        Assert.False(await phone.Auth.IsLoggedInAsync(Ct));
        var refusal = await RefusalAsync(phone.Auth.CompleteLoginAsync(step, "000000", Ct));
        Assert.Equal(AuthServerErrorCodes.SecondFactorInvalid, refusal.Code);
        await phone.Auth.CompleteLoginAsync(step, codes[0], Ct);
        Assert.Equal("ada", (await phone.Auth.GetMeAsync(Ct)).Username);
        Assert.Equal(9, (await phone.Auth.GetSecondFactorsAsync(Ct)).RecoveryCodesLeft);
    }

    [Fact]
    public async Task Factors_are_switched_replaced_and_removed_with_fresh_proof()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var setup = await device.Auth.BeginTotpAsync(Ct);
        var codes = await device.Auth.ConfirmTotpAsync(CodeOf(server, setup), Ct);
        Assert.False((await device.Auth.RequireSecondFactorAsync(required: false, Ct)).Required);
        Assert.True((await device.Auth.RequireSecondFactorAsync(required: true, Ct)).Required);

        var needed = Assert.IsType<ReauthenticationCodeNeeded>(
            await device.Auth.ReauthenticateAsync(Device.Password, cancellationToken: Ct));
        var refusal = await RefusalAsync(
            device.Auth.ChangePasswordAsync(Device.Password, "analytical engine number two", cancellationToken: Ct));
        Assert.Equal(AuthServerErrorCodes.SecondFactorRequired, refusal.Code);
        Assert.Equal(["totp", "recovery_code"], needed.Methods);
        Assert.Equal(needed.Methods, refusal.Methods);
        Assert.IsType<ReauthenticationCompleted>(await device.Auth.ReauthenticateAsync(Device.Password, codes[0], Ct));
        await device.Auth.ChangePasswordAsync(Device.Password, "analytical engine number two", codes[1], Ct);

        var more = await device.Auth.ReplaceRecoveryCodesAsync(Ct);
        Assert.Empty(more.Intersect(codes));
        await device.Auth.RemoveTotpAsync(Ct);
        Assert.False((await device.Auth.GetSecondFactorsAsync(Ct)).Totp);
        refusal = await RefusalAsync(device.Auth.RequestReauthenticationCodeAsync(Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidRequest, refusal.Code);
    }

    [Fact]
    public async Task Login_returns_setup_and_next_one_needs_code()
    {
        await using var server = await RealServer.StartAsync(("Accounts:RequireSecondFactor:0", "admin"));
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var id = await server.App.InDatabaseAsync(db => db.Users
            .Where(user => user.Username == "ada").Select(user => user.Id).SingleAsync(Ct));
        Assert.Equal(AccountResult.Changed, await server.App.Get<AccountStore>().ChangeRolesAsync(id, _ => ["admin"], Ct));

        await using var phone = server.NewDevice();
        var step = Assert.IsType<SecondFactorSetupNeeded>(
            await phone.Auth.LoginAsync("ada", Device.Password, cancellationToken: Ct));
        var setup = await phone.Auth.BeginTotpAtLoginAsync(step, Ct);
        Assert.Equal(10, (await phone.Auth.ConfirmTotpAtLoginAsync(step, CodeOf(server, setup), Ct)).Count);
        var next = Assert.IsType<SecondFactorNeeded>(
            await phone.Auth.LoginAsync("ada", Device.Password, cancellationToken: Ct));
        await phone.Auth.CompleteLoginAsync(next, CodeOf(server, setup, steps: 1), Ct);
        Assert.True(await phone.Auth.IsLoggedInAsync(Ct));
    }

    private static Task<AuthServerException> RefusalAsync(Task call) => Assert.ThrowsAsync<AuthServerException>(() => call);

    private static string CodeOf(RealServer server, TotpSecret setup, int steps = 0) =>
        new Totp(Base32Encoding.ToBytes(setup.Secret)).ComputeTotp(
            server.App.Clock.GetUtcNow().AddSeconds(30 * steps).UtcDateTime);
}
