using System.Net;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>A write transaction changes only what it has loaded, so that every end that is published has been written.</summary>
public sealed class WriteTransactionTests
{
    private static readonly ClientInfo Client = new("203.0.113.9", "curl/8");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(WriteTransaction.Apply))]
    [InlineData(nameof(WriteTransaction.End))]
    [InlineData(nameof(WriteTransaction.Expire))]
    [InlineData(nameof(WriteTransaction.Confirm))]
    public async Task Change_to_session_of_other_transaction_writes_and_publishes_nothing(string change)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var loaded = await LoadAsync(app, ada.SessionId);
        await ChangeShouldThrowAsync(app, loaded, change);
        var unloaded = new LoadedSession(await app.RowOfAsync(ada), loaded.User, new SessionChanges());
        await ChangeShouldThrowAsync(app, unloaded, change);

        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(0, app.Get<EndedSessionCache>().Count);
        var row = await app.RowOfAsync(ada);
        Assert.Equal((0u, null), (row.Generation, row.EndedAt));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.SessionEnded, Ct)));
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Session_of_user_that_was_not_loaded_is_not_opened()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var read = await app.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(Ct));
        var loaded = await app.Get<TransactionRunner>().RunAsync((transaction, ct) => transaction.LoadUserAsync(read.Id, ct), Ct);
        var proof = new AuthenticationProof(read.Id, AuthenticationMethods.Password, default, read.SecurityStamp);
        foreach (var user in new[] { read, loaded! })
        {
            await app.Get<TransactionRunner>().RunAsync(
                async (transaction, ct) =>
                {
                    Assert.Throws<InvalidOperationException>(() => transaction.Open(user, proof, new(), null, Client));
                    await Assert.ThrowsAsync<InvalidOperationException>(
                        () => transaction.LoadLiveSessionsAsync(user, limit: 1, besides: null, ct));
                    await Assert.ThrowsAsync<InvalidOperationException>(
                        () => transaction.EndAllAsync(user, EndReason.LogoutAll, except: null, Client, ct));
                    return default(Unit);
                },
                Ct);
        }

        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Login, Ct)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Proof_that_is_void_opens_no_session(bool isDisabled)
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var read = await app.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(Ct));
        var stamp = isDisabled ? read.SecurityStamp : Guid.NewGuid();
        var proof = new AuthenticationProof(read.Id, AuthenticationMethods.Password, default, stamp);
        await app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) =>
            {
                var ada = await transaction.LoadUserAsync(read.Id, ct);
                ada!.Disabled = isDisabled;
                Assert.Throws<InvalidOperationException>(() => transaction.Open(ada, proof, new(), null, Client));
                return default(Unit);
            },
            Ct);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Batch_has_no_context_and_counts_no_event()
    {
        await using var app = new AuthServerApp();
        await app.Get<TransactionRunner>().RunAsync(
            (transaction, _) =>
            {
                Assert.Throws<InvalidOperationException>(() => transaction.Db);
                Assert.Throws<InvalidOperationException>(() => transaction.Count(new EventRow()));
                return Task.CompletedTask;
            },
            isBatch: true,
            Ct);
    }

    private static async Task<LoadedSession> LoadAsync(AuthServerApp app, Guid id)
    {
        LoadedSession? loaded = null;
        await app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) => loaded = (await transaction.LoadAsync([id], ct))[id],
            isBatch: true,
            Ct);
        return loaded!;
    }

    // The transaction commits after the exception: the change must have had no effect on it.
    private static async Task ChangeShouldThrowAsync(AuthServerApp app, LoadedSession session, string change)
    {
        var result = await app.Get<TransactionRunner>().RunAsync(
            (transaction, _) =>
            {
                Assert.Throws<InvalidOperationException>(() => Change(transaction, session, change));
                return Task.CompletedTask;
            },
            isBatch: true,
            Ct);
        Assert.Empty(result.Ended);
        Assert.Empty(result.Confirmed);
    }

    private static void Change(WriteTransaction transaction, LoadedSession session, string change)
    {
        switch (change)
        {
            case nameof(WriteTransaction.Apply):
                var rotation = new Rotate(1, 0, transaction.Now, Recovered: false);
                transaction.Apply(session, rotation, 0, new SessionPolicy(), Client);
                break;
            case nameof(WriteTransaction.End):
                transaction.End(session, EndReason.Logout, Client);
                break;
            case nameof(WriteTransaction.Expire):
                transaction.Expire(session, new SessionPolicy(), Client);
                break;
            case nameof(WriteTransaction.Confirm):
                (session.Row.EndedAt, session.Row.EndReason) = (transaction.Now, EndReason.Logout);
                transaction.Confirm(session);
                break;
        }
    }
}
