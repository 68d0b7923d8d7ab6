using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Passkeys that are removed, and the ways to log in that are left.</summary>
public sealed class PasskeyRemovalTests : IAsyncDisposable
{
    private readonly AuthServerApp app = new();
    private readonly SoftwareAuthenticator authenticator = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task Last_credential_stays()
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        await WithoutPasswordAsync();
        await (await ada.RemovePasskeyAsync(id)).ShouldBeProblemAsync(409, "last_credential");
        (await ada.Http.LogInAsync(authenticator)).ShouldBe(HttpStatusCode.OK);

        using var another = new SoftwareAuthenticator();
        await ada.AddAsync(another);
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Verified_address_is_left_to_set_password_by()
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        await WithoutPasswordAsync();
        await VerifyAsync("ada");
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBeProblemAsync(409, "last_credential");
        await ada.AddAsync(authenticator);
        (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Removing_last_factor_requires_no_second_one_any_more(bool hasTotp)
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        await app.InDatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(Ct);
            user.SecondFactorRequired = true;
            db.Add(new TotpRow
            {
                UserId = user.Id,
                RootKey = 1,
                Sealed = [1],
                CreatedAt = user.CreatedAt,
                ConfirmedAt = hasTotp ? user.CreatedAt : null,
            });
            return await db.SaveChangesAsync(Ct);
        });
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(hasTotp, await app.InDatabaseAsync(db => db.Users.Select(u => u.SecondFactorRequired).SingleAsync(Ct)));
        Assert.Equal(hasTotp ? 10 : 0, await app.InDatabaseAsync(db => db.RecoveryCodes.CountAsync(Ct)));
    }

    [Fact]
    public async Task Passkey_of_another_user_is_neither_named_nor_removed()
    {
        var id = await (await app.LogInAsync("ada")).AddAsync(authenticator);
        var mallory = await app.LogInAsync("mallory");
        await (await mallory.RemovePasskeyAsync(id)).ShouldBeProblemAsync(404, "not_found");
        var renamed = await mallory.SendAsync(HttpMethod.Patch, $"/passkeys/{id}", new { name = "a" });
        await renamed.ShouldBeProblemAsync(404, "not_found");
        await (await mallory.SendAsync(HttpMethod.Delete, "/passkeys/1")).ShouldBeProblemAsync(404, "not_found");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Passkeys.CountAsync(Ct)));
    }

    private Task<int> WithoutPasswordAsync() => app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
        set => set.SetProperty(u => u.PasswordHash, UserRow.NoPassword), Ct));

    private Task<int> VerifyAsync(string name) => app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
        set => set.SetProperty(u => u.Email, $"{name}@example.org").SetProperty(u => u.VerifiedEmail, $"{name}@example.org"),
        Ct));
}
