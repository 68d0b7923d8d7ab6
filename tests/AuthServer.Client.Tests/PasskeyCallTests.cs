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
        await using var server = await RealServer.StartAsync(("Passkeys:Origins:0", "https://app.example.com"));
        await using var device = server.NewDevice();
        await device.LoginAsync();
        authenticator.Origin = "https://app.example.com";
        var begun = await device.Auth.BeginPasskeyAsync(Ct);
        var made = JsonSerializer.SerializeToElement(authenticator.Create(begun.Options));
        var passkey = await device.Auth.AddPasskeyAsync(begun.State, made, "Laptop", Ct);
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
        var again = await Assert.ThrowsAsync<AuthServerException>(() => phone.Auth.RemovePasskeyAsync(passkey.Id, Ct));
        Assert.Equal(AuthServerErrorCodes.NotFound, again.Code);
        var removed = await Assert.ThrowsAsync<AuthServerException>(() => LogInAsync(phone));
        Assert.Equal(AuthServerErrorCodes.InvalidCredentials, removed.Code);
    }

    private async Task LogInAsync(Device device)
    {
        var begun = await device.Auth.BeginPasskeyLoginAsync(Ct);
        var proof = JsonSerializer.SerializeToElement(authenticator.Prove(begun.Options));
        await device.Auth.LoginByPasskeyAsync(begun.State, proof, "phone", Ct);
    }
}
