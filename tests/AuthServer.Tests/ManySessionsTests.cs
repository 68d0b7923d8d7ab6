using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>
/// Users with more sessions than one transaction may end. They are ended in batches, between which other requests are served,
/// and nothing is reported as done before all have ended.
/// </summary>
public sealed class ManySessionsTests : IAsyncLifetime
{
    private const int Many = (3 * WriteTransaction.MaxEnds) + 10;
    private const string NewPassword = "analytical engine number two";

    private readonly EndPause pause = new();
    private readonly DatabaseProbe probe = new();
    private readonly AuthServerApp app;
    private LoggedInDevice ada = null!;
    private LoggedInDevice bob = null!;

    public ManySessionsTests() => app = new AuthServerApp(
        services =>
        {
            pause.AddTo(services);
            probe.AddTo(services);
        },
        ("Sessions:MaxPerUser", "0"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await ManySessions.AddAsync(app, ada, Many);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData("logout all", EndReason.LogoutAll, 0)]
    [InlineData("logout others", EndReason.LogoutAll, 1)]
    [InlineData("change password", EndReason.PasswordChanged, 1)]
    [InlineData("set password", EndReason.PasswordChanged, 0)]
    [InlineData("disable", EndReason.Disabled, 0)]
    [InlineData("delete account", EndReason.Deleted, 0)]
    [InlineData("end of user", EndReason.Revoked, 0)]
    public async Task Other_requests_are_served_between_batches(string work, EndReason reason, int left)
    {
        var liveMeanwhile = 0;
        pause.AfterFirst = async () =>
        {
            await bob.RefreshAsync();
            liveMeanwhile = await LiveAsync();
        };
        Assert.Null(await RunAsync(work));

        Assert.InRange(liveMeanwhile, Many - WriteTransaction.MaxEnds, Many);
        Assert.Equal(WriteTransaction.MaxEnds, probe.MostEnds);
        Assert.Equal(left, await LiveAsync());
        var ended = await app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndReason == reason, Ct));
        Assert.Equal(Many + 1 - left, ended);
        (await ada.GetAsync("/me")).ShouldBe(left == 0 ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        await bob.RefreshAsync();
    }

    [Theory]
    [InlineData("logout all")]
    [InlineData("logout others")]
    [InlineData("change password")]
    [InlineData("set password")]
    [InlineData("disable")]
    [InlineData("delete account")]
    [InlineData("end of user")]
    public async Task Failure_between_batches_is_reported_as_unknown_and_repeat_goes_on(string work)
    {
        pause.AfterFirst = () =>
        {
            probe.CommitFault = TestDatabase.Full;
            return Task.CompletedTask;
        };
        Assert.Equal("unknown", await RunAsync(work));
        probe.CommitFault = null;
        Assert.NotEqual(0, await LiveAsync());

        // The session of the request goes on, and the account has not changed.
        if (work is "logout all" or "logout others" or "change password" or "delete account")
        {
            (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        await ShouldLogInAsync(AuthServerApp.Password);
        Assert.Null(await RunAsync(work));
        Assert.InRange(await LiveAsync(), 0, 1);
    }

    [Fact]
    public async Task Failure_of_first_batch_changes_nothing()
    {
        probe.CommitFault = TestDatabase.Full;
        foreach (var work in new[] { "logout all", "change password", "disable", "delete account" })
        {
            Assert.Equal("none", await RunAsync(work));
        }

        probe.CommitFault = null;
        Assert.Equal(Many + 1, await LiveAsync());
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Session_opened_between_batches_ends_with_account()
    {
        LoggedInDevice? late = null;
        pause.AfterFirst = async () => late = await app.LogInAsync("ada");
        Assert.Null(await RunAsync("disable"));
        await (await late!.GetAsync("/me")).ShouldBeEndedAsync("disabled");
        await (await late.PresentAsync(late.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
    }

    [Fact]
    public async Task Sweep_serves_other_requests_between_batches()
    {
        await app.InDatabaseAsync(db => db.Sessions.Where(s => s.Id != ada.SessionId && s.Id != bob.SessionId).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.RotatedAt, app.Clock.GetUtcNow() - TimeSpan.FromDays(14)), Ct));
        var liveMeanwhile = 0;
        pause.AfterFirst = async () =>
        {
            await bob.RefreshAsync();
            liveMeanwhile = await LiveAsync();
        };
        await app.SweepAsync();
        Assert.Equal(Many + 1 - WriteTransaction.MaxEnds, liveMeanwhile);
        Assert.Equal(WriteTransaction.MaxEnds, probe.MostEnds);
        Assert.Equal(1, await LiveAsync());
    }

    private Task<int> LiveAsync() => ManySessions.LiveAsync(app, ada);

    private async Task ShouldLogInAsync(string password) => await (await app.CreateClient().PostAsync(
        "/login", new { username = "ada", password })).ShouldBePairAsync();

    /// <summary>Ends sessions of the user. Returns null, or the outcome of a 503 and "none" if it has none.</summary>
    private async Task<string?> RunAsync(string work)
    {
        var userId = ada.Claims.GetProperty("sub").GetGuid();
        try
        {
            switch (work)
            {
                case "logout all":
                    return await OutcomeOfAsync(ada.SendAsync(HttpMethod.Post, "/logout/all"));
                case "logout others":
                    return await OutcomeOfAsync(ada.SendAsync(HttpMethod.Post, "/logout/all?except=current"));
                case "change password":
                    var passwords = new { currentPassword = AuthServerApp.Password, newPassword = NewPassword };
                    return await OutcomeOfAsync(ada.SendAsync(HttpMethod.Post, "/password", passwords));
                case "delete account":
                    return await OutcomeOfAsync(ada.SendAsync(HttpMethod.Delete, "/me"));
                case "set password":
                    await app.Get<AccountStore>().SetPasswordAsync(userId, "a hash", Ct);
                    return null;
                case "disable":
                    await app.Get<AccountStore>().SetDisabledAsync(userId, disabled: true, Ct);
                    return null;
                default:
                    await app.Get<SessionEnder>().EndLiveAsync(userId, EndReason.Revoked, Ct);
                    return null;
            }
        }
        catch (UnavailableException exception)
        {
            return exception.IsOutcomeUnknown ? "unknown" : "none";
        }
    }

    private static async Task<string?> OutcomeOfAsync(Task<HttpResponseMessage> sent)
    {
        var response = await sent;
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        var problem = await response.ShouldBeProblemAsync(503, "unavailable");
        return problem.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : "none";
    }
}
