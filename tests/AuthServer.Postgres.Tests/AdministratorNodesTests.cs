using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Administrators who act on several nodes at the same time.</summary>
public sealed class AdministratorNodesTests : IAsyncDisposable
{
    private const int Rounds = 8;

    private readonly Nodes nodes = new(3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AccountStore Accounts => nodes[0].Get<AccountStore>();

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Fact]
    public async Task Of_administrators_who_delete_themselves_at_once_one_stays()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var devices = new List<LoggedInDevice>();
            for (var node = 0; node < 3; node++)
            {
                devices.Add(await nodes[node].LogInAsync($"admin{round}-{node}"));
                Assert.Equal(
                    AccountResult.Changed,
                    await Accounts.ChangeRolesAsync(IdOf(devices[^1]), _ => [RoleName.Administrator], Ct));
            }

            var answers = await Task.WhenAll(devices.Select(device => device.SendAsync(HttpMethod.Delete, "/me")));
            var refused = Assert.Single(answers, answer => answer.StatusCode != HttpStatusCode.NoContent);
            await refused.ShouldBeProblemAsync(409, "last_admin");
            var last = devices[Array.IndexOf(answers, refused)];
            Assert.Equal(
                AccountResult.Changed, await Accounts.SetDisabledAsync(IdOf(last), disabled: true, Ct, force: true));
        }
    }

    private static Guid IdOf(LoggedInDevice device) => device.Claims.GetProperty("sub").GetGuid();
}
