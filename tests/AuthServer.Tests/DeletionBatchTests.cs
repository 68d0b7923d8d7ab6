using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Deletions of accounts with more ended sessions than one transaction erases.</summary>
public sealed class DeletionBatchTests : IAsyncLifetime
{
    // More than the batches after which the log is written back.
    private const int Many = 10 * WriteTransaction.MaxEnds;

    private readonly DatabaseProbe probe = new();
    private readonly AuthServerApp app;
    private LoggedInDevice ada = null!;

    public DeletionBatchTests() => app = new AuthServerApp(probe.AddTo, ("Sessions:MaxPerUser", "0"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ada = await app.LogInAsync("ada", "Ada's phone");
        var ids = (await ManySessions.AddAsync(app, ada, Many)).ToHashSet();
        var now = app.Clock.GetUtcNow();
        await app.InDatabaseAsync(db => db.Sessions.Where(s => ids.Contains(s.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.EndedAt, now).SetProperty(s => s.EndReason, EndReason.Logout)
                .SetProperty(s => s.DeviceName, "a phone").SetProperty(s => s.IpAddress, "203.0.113.7"),
            Ct));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Ended_sessions_are_erased_in_batches_between_which_requests_are_served()
    {
        var bob = await app.LogInAsync("bob");
        var left = 0;
        probe.AtCheckpoint = async () =>
        {
            left = await NotErasedAsync();
            await bob.RefreshAsync();
        };
        var before = probe.Transactions;
        (await DeleteAsync()).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(Many - (8 * WriteTransaction.MaxEnds) + 1, left);
        Assert.InRange(probe.Transactions - before, 12, 20);
        Assert.Equal(0, await NotErasedAsync());
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndReason == EndReason.Deleted, Ct)));
    }

    [Fact]
    public async Task Deletion_that_fails_between_batches_is_unknown_and_repeat_goes_on()
    {
        probe.AtCheckpoint = () =>
        {
            probe.CommitFault = TestDatabase.Full;
            return Task.CompletedTask;
        };
        var problem = await (await DeleteAsync()).ShouldBeProblemAsync(503, "unavailable");
        Assert.Equal("unknown", problem.GetProperty("outcome").GetString());
        (probe.CommitFault, probe.AtCheckpoint) = (null, null);
        Assert.InRange(await NotErasedAsync(), 1, Many - 1);
        Assert.Equal("ada", await app.InDatabaseAsync(db => db.Users.Select(u => u.Username).SingleAsync(Ct)));

        (await DeleteAsync()).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(0, await NotErasedAsync());
        Assert.Equal(UserRow.DeletedName, await app.InDatabaseAsync(db => db.Users.Select(u => u.Username).SingleAsync(Ct)));
    }

    [Fact]
    public async Task Deletion_whose_first_batch_fails_has_changed_nothing()
    {
        probe.CommitFault = TestDatabase.Full;
        var problem = await (await DeleteAsync()).ShouldBeProblemAsync(503, "unavailable");
        Assert.False(problem.TryGetProperty("outcome", out _));
        probe.CommitFault = null;
        Assert.Equal(Many + 1, await NotErasedAsync());
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Refused_deletion_erases_nothing()
    {
        var id = ada.Claims.GetProperty("sub").GetGuid();
        await app.Get<AccountStore>().ChangeRolesAsync(id, _ => [RoleName.Administrator], Ct);
        await (await DeleteAsync()).ShouldBeProblemAsync(409, "last_admin");
        Assert.Equal(Many + 1, await NotErasedAsync());
    }

    private Task<HttpResponseMessage> DeleteAsync() => ada.SendAsync(HttpMethod.Delete, "/me");

    private async Task<int> NotErasedAsync()
    {
        var id = ada.Claims.GetProperty("sub").GetGuid();
        return await app.InDatabaseAsync(db => db.Sessions.CountAsync(
            s => s.UserId == id && (s.DeviceName != null || s.IpAddress != null || s.UserAgent != null), Ct));
    }
}
