using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>
/// Routes that need a fresh proof. Before a token or a cookie is refused, its session is read for a newer one.
/// </summary>
public sealed class FreshProofTests : IAsyncDisposable
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    // Not a name: its route reads nothing more if the proof is fresh.
    private static readonly object Change = new { username = "a:b" };

    private readonly DatabaseProbe probe = new();
    private readonly AuthServerApp app;

    public FreshProofTests() => app = new AuthServerApp(probe.AddTo);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Token_from_before_new_proof_is_as_fresh_as_session(bool sendsRefreshToken)
    {
        var ada = await LogInBeforeAsync(FreshFor + TimeSpan.FromSeconds(1));
        await (await ada.GetAsync("/me/export")).ShouldBeProblemAsync(403, "reauthentication_required");
        await (await RenameAsync(ada)).ShouldBeProblemAsync(403, "reauthentication_required");

        var refreshToken = sendsRefreshToken ? ada.Pair.RefreshToken : null;
        var proof = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { Password, refreshToken });
        proof.ShouldBe(sendsRefreshToken ? HttpStatusCode.OK : HttpStatusCode.NoContent);
        (await ada.GetAsync("/me/export")).ShouldBe(HttpStatusCode.OK);
        await (await RenameAsync(ada)).ShouldBeInvalidAsync("username");
    }

    [Fact]
    public async Task Proof_of_one_session_is_none_of_another()
    {
        var ada = await LogInBeforeAsync(FreshFor + TimeSpan.FromSeconds(1));
        var phone = await app.LogInAsync("ada");
        (await phone.SendAsync(HttpMethod.Post, "/reauthenticate", new { Password })).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.GetAsync("/me/export")).ShouldBeProblemAsync(403, "reauthentication_required");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public async Task Session_is_read_only_if_token_is_too_old(int secondsTooOld, int reads)
    {
        // The clock stands, because after a minute tasks of the server read too.
        var ada = await app.LogInAsync("ada");
        var proof = app.Clock.GetUtcNow() - FreshFor - TimeSpan.FromSeconds(secondsTooOld);
        await UpdateAsync(ada.SessionId, session => session.AuthenticatedAt = proof);
        await ada.RefreshAsync();
        await app.CountEventsAsync();
        var before = probe.Count;
        var answer = await RenameAsync(ada);
        await (reads == 0
            ? answer.ShouldBeInvalidAsync("username")
            : answer.ShouldBeProblemAsync(403, "reauthentication_required"));
        Assert.Equal(before + reads, probe.Count);
    }

    [Fact]
    public async Task Cookie_from_before_new_proof_is_refused_and_new_one_is_fresh()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        app.Clock.Advance(FreshFor + TimeSpan.FromSeconds(1));
        await (await browser.SendAsync(HttpMethod.Get, "/me/export")).ShouldBeProblemAsync(403, "reauthentication_required");
        var thief = browser.At(app);
        (await browser.PostAsync("/reauthenticate", new { Password })).ShouldBe(HttpStatusCode.OK);
        (await browser.SendAsync(HttpMethod.Get, "/me/export")).ShouldBe(HttpStatusCode.OK);
        await (await thief.SendAsync(HttpMethod.Get, "/me/export")).ShouldBeProblemAsync(401, "session_invalid");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Cookie_that_was_read_before_proof_on_other_node_is_read_again(uint epoch, bool isAccepted)
    {
        var browser = await ReadBeforeAsync();
        var now = app.Clock.GetUtcNow();
        await UpdateAsync(browser.SessionId, session => (session.AuthenticatedAt, session.Generation) = (now, epoch));
        (await browser.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        var answer = await browser.SendAsync(HttpMethod.Get, "/me/export");
        if (isAccepted)
        {
            answer.ShouldBe(HttpStatusCode.OK);
            return;
        }

        // A copy, because the other node has given out a new cookie with the proof.
        await answer.ShouldBeProblemAsync(401, "session_invalid");
        var rename = await browser.SendAsync(HttpMethod.Patch, "/me", Change);
        await rename.ShouldBeProblemAsync(401, "session_invalid");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_that_ended_unheard_is_refused_as_ended(bool byCookie)
    {
        var (id, getAsync) = byCookie ? await ReadByCookieAsync() : await ReadByTokenAsync();
        await UpdateAsync(id, session => (session.EndedAt, session.EndReason) = (session.CreatedAt, EndReason.Revoked));
        (await getAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await (await getAsync("/me/export")).ShouldBeEndedAsync("revoked");

        async Task<(Guid, Func<string, Task<HttpResponseMessage>>)> ReadByCookieAsync()
        {
            var browser = await ReadBeforeAsync();
            return (browser.SessionId, browser.GetAsync);
        }

        async Task<(Guid, Func<string, Task<HttpResponseMessage>>)> ReadByTokenAsync()
        {
            var ada = await LogInBeforeAsync(FreshFor + TimeSpan.FromSeconds(1));
            return (ada.SessionId, ada.GetAsync);
        }
    }

    [Fact]
    public async Task Session_of_disabled_account_or_of_none_is_refused_as_ended()
    {
        var ada = await LogInBeforeAsync(FreshFor + TimeSpan.FromSeconds(1));
        var now = app.Clock.GetUtcNow();
        await UpdateAsync(ada.SessionId, session => session.AuthenticatedAt = now);
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Ct));
        await (await ada.GetAsync("/me/export")).ShouldBeEndedAsync("disabled");
        await (await RenameAsync(ada)).ShouldBeEndedAsync("disabled");
        await app.InDatabaseAsync(db => db.Sessions.ExecuteDeleteAsync(Ct));
        await (await ada.GetAsync("/me/export")).ShouldBeEndedAsync("expired");
    }

    [Fact]
    public async Task Old_token_is_no_reason_for_refusal_while_database_is_away()
    {
        var ada = await LogInBeforeAsync(FreshFor + TimeSpan.FromSeconds(1));
        probe.CommandFault = TestDatabase.Away;
        await (await ada.GetAsync("/me/export")).ShouldBeProblemAsync(503, "unavailable");
        await (await RenameAsync(ada)).ShouldBeProblemAsync(503, "unavailable");
    }

    private static Task<HttpResponseMessage> RenameAsync(LoggedInDevice device) =>
        device.SendAsync(HttpMethod.Patch, "/me", Change);

    // Its access token is new, and its proof is as old as given.
    private async Task<LoggedInDevice> LogInBeforeAsync(TimeSpan age)
    {
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(age);
        await ada.RefreshAsync();
        return ada;
    }

    // The node has just read the session, whose proof is too old.
    private async Task<SessionBrowser> ReadBeforeAsync()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        app.Clock.Advance(FreshFor + TimeSpan.FromSeconds(1));
        await (await browser.SendAsync(HttpMethod.Get, "/me/export")).ShouldBeProblemAsync(403, "reauthentication_required");
        return browser;
    }

    // As another node would, whose notification is on its way.
    private Task<int> UpdateAsync(Guid id, Action<SessionRow> change) => app.InDatabaseAsync(async db =>
    {
        change(await db.Sessions.AsTracking().SingleAsync(session => session.Id == id, Ct));
        return await db.SaveChangesAsync(Ct);
    });
}
