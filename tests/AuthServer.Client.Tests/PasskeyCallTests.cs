using System.Text.Json;
using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>The typed calls for passkeys, against the real server below a path.</summary>
public sealed class PasskeyCallTests : IDisposable
{
    private readonly SoftwareAuthenticator authenticator = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => authenticator.Dispose();

    [Fact]
    public async Task Passkey_is_added_renamed_and_removed_and_logs_in()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        var passkey = await AddAsync(device);
        Assert.Equal(("Laptop", false), (passkey.Name, passkey.Synced));
        Assert.Equal(server.App.Clock.GetUtcNow(), passkey.CreatedAt);
        await device.Auth.RenamePasskeyAsync(passkey.Id, "Old laptop", Ct);

        await using var phone = server.NewDevice();
        await LogInAsync(phone);
        Assert.Equal("ada", (await phone.Auth.GetMeAsync(Ct)).Username);
        var sessions = (await phone.Auth.GetSessionsAsync(cancellationToken: Ct)).Sessions;
        var current = Assert.Single(sessions, session => session.Current);
        Assert.Equal(("phone", "hwk mfa"), (current.DeviceName, string.Join(' ', current.Amr)));

        await phone.Auth.RemovePasskeyAsync(passkey.Id, Ct);
        var again = await RefusalAsync(phone.Auth.RemovePasskeyAsync(passkey.Id, Ct));
        Assert.Equal(AuthServerErrorCodes.NotFound, again.Code);
        var removed = await RefusalAsync(LogInAsync(phone));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, removed.Code);
    }

    [Fact]
    public async Task Passkey_completes_login_after_password()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        await AddAsync(device);
        await device.Auth.RequireSecondFactorAsync(required: true, Ct);

        await using var phone = server.NewDevice();
        var step = Assert.IsType<SecondFactorNeeded>(
            await phone.Auth.LoginAsync("ada", Device.Password, "phone", cancellationToken: Ct));
        Assert.Equal(["passkey", "recovery_code"], step.Methods);
        var other = await phone.Auth.BeginPasskeyLoginAsync(Ct);
        var refusal = await RefusalAsync(phone.Auth.CompleteLoginByPasskeyAsync(step, other.State, Prove(other), Ct));
        Assert.Equal(AuthServerErrorCodes.SecondFactorInvalid, refusal.Code);
        Assert.False(await phone.Auth.IsLoggedInAsync(Ct));

        var begun = await phone.Auth.BeginPasskeyStepAsync(step, Ct);
        await phone.Auth.CompleteLoginByPasskeyAsync(step, begun.State, Prove(begun), Ct);
        var sessions = (await phone.Auth.GetSessionsAsync(cancellationToken: Ct)).Sessions;
        var current = Assert.Single(sessions, session => session.Current);
        Assert.Equal(("phone", "pwd hwk mfa"), (current.DeviceName, string.Join(' ', current.Amr)));
    }

    [Fact]
    public async Task Passkey_is_fresh_proof_without_password_and_code()
    {
        await using var server = await StartAsync();
        await using var device = server.NewDevice();
        var passkey = await AddAsync(device);
        await device.Auth.RequireSecondFactorAsync(required: true, Ct);
        server.Advance(device, TimeSpan.FromMinutes(11));
        var refusal = await RefusalAsync(device.Auth.RemovePasskeyAsync(passkey.Id, Ct));
        Assert.Equal(AuthServerErrorCodes.ReauthenticationRequired, refusal.Code);

        var options = await device.Auth.GetReauthenticationOptionsAsync(Ct);
        Assert.Equal(["password", "passkey"], options.Methods);
        Assert.Equal(["recovery_code"], options.SecondFactors);
        var needed = Assert.IsType<ReauthenticationCodeNeeded>(
            await device.Auth.ReauthenticateAsync(Device.Password, cancellationToken: Ct));
        Assert.Equal(["passkey", "recovery_code"], needed.Methods);
        var (challenge, answer) = (options.Passkey!, Prove(options.Passkey!));
        await device.Auth.ReauthenticateByPasskeyAsync(challenge.State, answer, Ct);
        var again = await RefusalAsync(device.Auth.ReauthenticateByPasskeyAsync(challenge.State, answer, Ct));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, again.Code);
        Assert.Empty(device.Ended);

        await device.Auth.RemovePasskeyAsync(passkey.Id, Ct);
        options = await device.Auth.GetReauthenticationOptionsAsync(Ct);
        Assert.Equal(["password"], options.Methods);
        Assert.Empty(options.SecondFactors);
        Assert.Null(options.Passkey);
    }

    private static Task<AuthServerException> RefusalAsync(Task call) => Assert.ThrowsAsync<AuthServerException>(() => call);

    private Task<RealServer> StartAsync()
    {
        authenticator.Origin = "https://app.example.com";
        return RealServer.StartAsync(("Passkeys:Origins:0", authenticator.Origin));
    }

    private async Task<Passkey> AddAsync(Device device)
    {
        await device.LoginAsync();
        var begun = await device.Auth.BeginPasskeyAsync(Ct);
        var made = JsonSerializer.SerializeToElement(authenticator.Create(begun.Options));
        return await device.Auth.AddPasskeyAsync(begun.State, made, "Laptop", Ct);
    }

    private async Task LogInAsync(Device device)
    {
        var begun = await device.Auth.BeginPasskeyLoginAsync(Ct);
        await device.Auth.LoginByPasskeyAsync(begun.State, Prove(begun), "phone", Ct);
    }

    private JsonElement Prove(PasskeyChallenge challenge) =>
        JsonSerializer.SerializeToElement(authenticator.Prove(challenge.Options));
}
