using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The last administrator, without whom no account could administer the server.</summary>
public sealed class AdministratorTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new();
    private LoggedInDevice ada = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AccountStore Accounts => app.Get<AccountStore>();

    public async ValueTask InitializeAsync() => ada = await AddAsync("ada");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Last_administrator_is_not_deleted()
    {
        var phone = await app.LogInAsync("ada");
        await (await DeleteAsync(ada)).ShouldBeProblemAsync(409, "last_admin");
        await phone.RefreshAsync();
        var bob = await AddAsync("bob");
        (await DeleteAsync(ada)).ShouldBe(HttpStatusCode.NoContent);
        await (await DeleteAsync(bob)).ShouldBeProblemAsync(409, "last_admin");
    }

    [Fact]
    public async Task Other_accounts_are_deleted_without_any_administrator()
    {
        await SetDisabledAsync(ada, force: true);
        (await DeleteAsync(await app.LogInAsync("bob"))).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Disabled_administrator_does_not_count()
    {
        var bob = await AddAsync("bob");
        Assert.Equal(AccountResult.Changed, await SetDisabledAsync(bob));
        await (await DeleteAsync(ada)).ShouldBeProblemAsync(409, "last_admin");
        Assert.Equal(AccountResult.Changed, await RemoveAsync(bob));
    }

    [Fact]
    public async Task Operator_takes_last_administrator_by_force_alone()
    {
        Assert.Equal(AccountResult.LastAdministrator, await RemoveAsync(ada));
        Assert.Equal(AccountResult.LastAdministrator, await SetDisabledAsync(ada));
        Assert.Equal(AccountResult.LastAdministrator, await SetRolesAsync(ada, []));
        Assert.Equal(AccountResult.Changed, await SetRolesAsync(ada, [RoleName.Administrator, "editor"]));
        await ada.RefreshAsync();
        Assert.Equal(
            ["admin", "editor"], await app.InDatabaseAsync(db => db.Users.Select(u => u.Roles).SingleAsync(Ct)));

        Assert.Equal(AccountResult.Changed, await SetRolesAsync(ada, [], force: true));
        Assert.Equal(AccountResult.Changed, await SetRolesAsync(ada, [RoleName.Administrator]));
        Assert.Equal(AccountResult.Changed, await SetDisabledAsync(ada, force: true));
        Assert.Equal(AccountResult.Changed, await RemoveAsync(ada));
    }

    private static Guid IdOf(LoggedInDevice device) => device.Claims.GetProperty("sub").GetGuid();

    private static Task<HttpResponseMessage> DeleteAsync(LoggedInDevice device) => device.SendAsync(HttpMethod.Delete, "/me");

    private Task<AccountResult> RemoveAsync(LoggedInDevice device) =>
        app.Get<DeletionStore>().DeleteAsync(IdOf(device), sessionId: null, ClientInfo.CommandLine, Ct);

    private Task<AccountResult> SetDisabledAsync(LoggedInDevice device, bool force = false) =>
        Accounts.SetDisabledAsync(IdOf(device), disabled: true, Ct, force);

    private Task<AccountResult> SetRolesAsync(LoggedInDevice device, string[] roles, bool force = false) =>
        Accounts.ChangeRolesAsync(IdOf(device), _ => roles, Ct, force);

    private async Task<LoggedInDevice> AddAsync(string username)
    {
        var device = await app.LogInAsync(username);
        Assert.Equal(AccountResult.Changed, await SetRolesAsync(device, [RoleName.Administrator]));
        return device;
    }
}
