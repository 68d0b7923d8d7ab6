using System.Net;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The server while its database is away: it answers so, changes nothing, and recovers with the database.</summary>
public sealed class UnavailableTests : IAsyncDisposable
{
    private const string Password = AuthServerApp.Password;

    private readonly DatabaseProbe probe = new();
    private readonly AuthServerApp app;

    public UnavailableTests() => app = new AuthServerApp(probe.AddTo);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Database_that_is_away_makes_all_routes_that_use_it_unavailable()
    {
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = TestDatabase.Away;
        await AllRoutesShouldBeUnavailableAsync(ada);
        await (await ada.GetAsync("/sessions")).ShouldBeProblemAsync(503, "unavailable");
        await (await ada.GetAsync("/health/ready")).ShouldBeProblemAsync(503, "unavailable");

        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync("/health/live")).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync("/health/traffic")).ShouldBe(HttpStatusCode.OK);
        probe.CommandFault = null;
        await NothingShouldHaveChangedAsync(ada);
    }

    [Fact]
    public async Task Database_that_is_full_is_unavailable_for_writes_and_keeps_its_rows()
    {
        var ada = await app.LogInAsync("ada");
        probe.CommitFault = TestDatabase.Full;
        await AllRoutesShouldBeUnavailableAsync(ada);

        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync("/sessions")).ShouldBe(HttpStatusCode.OK);
        await (await ada.GetAsync("/health/ready")).ShouldBeProblemAsync(503, "unavailable");
        (await ada.GetAsync("/health/traffic")).ShouldBe(HttpStatusCode.OK);
        probe.CommitFault = null;
        await NothingShouldHaveChangedAsync(ada);
    }

    [Fact]
    public async Task Readiness_tries_one_write_each_second()
    {
        await app.LogInAsync("ada");
        using var http = app.CreateClient();
        var before = probe.Transactions;
        foreach (var (milliseconds, writes) in new[] { (0, 1), (0, 1), (999, 1), (1, 2), (0, 2), (5000, 3) })
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
                (await http.GetAsync("/health/ready", Ct)).ShouldBe(HttpStatusCode.OK)));
            Assert.Equal(before + writes, probe.Transactions);
        }

        probe.CommitFault = TestDatabase.Full;
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await http.GetAsync("/health/ready", Ct)).ShouldBeProblemAsync(503, "unavailable");
        probe.CommitFault = null;
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await http.GetAsync("/health/ready", Ct)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Login, Ct)));
    }

    [Fact]
    public async Task Connection_that_fails_to_close_does_not_hide_first_fault()
    {
        var ada = await app.LogInAsync("ada");
        probe.CommitFault = TestDatabase.Full;
        probe.CloseFault = TestDatabase.Vague;
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
        (probe.CommitFault, probe.CloseFault) = (null, null);
        await NothingShouldHaveChangedAsync(ada);
    }

    [Fact]
    public async Task Database_with_any_fault_is_unavailable()
    {
        var ada = await app.LogInAsync("ada");
        foreach (var fault in TestDatabase.Faults)
        {
            probe.CommandFault = fault;
            await (await ada.GetAsync("/sessions")).ShouldBeProblemAsync(503, "unavailable");
            probe.CommandFault = new InvalidOperationException("wrapped", fault);
            await (await ada.GetAsync("/sessions")).ShouldBeProblemAsync(503, "unavailable");
        }

        Assert.Equal(LineLimit.PerNetwork, app.Log.Lines.Count(line => line.Event == "database_unavailable"));
    }

    [Fact]
    public async Task Forged_refresh_token_is_invalid_while_database_is_away()
    {
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = TestDatabase.Away;
        var forged = ada.Pair.RefreshToken[..^1] + (ada.Pair.RefreshToken[^1] == 'A' ? 'B' : 'A');
        await (await ada.PresentAsync(forged)).ShouldBeProblemAsync(401, "refresh_token_invalid");
        (await ada.Http.PostAsync("/logout", new { refreshToken = forged })).ShouldBe(HttpStatusCode.NoContent);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task AllRoutesShouldBeUnavailableAsync(LoggedInDevice ada)
    {
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Post, "/register", new { username = "eve", password = Password }),
            (HttpMethod.Post, "/login", new { username = "ada", password = Password }),
            (HttpMethod.Post, "/refresh", new { ada.Pair.RefreshToken }),
            (HttpMethod.Post, "/logout", new { ada.Pair.RefreshToken }),
            (HttpMethod.Post, "/logout/all", null),
            (HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = "velvet harbour umbrella 92" }),
            (HttpMethod.Post, "/reauthenticate", new { Password, ada.Pair.RefreshToken }),
            (HttpMethod.Delete, $"/sessions/{ada.SessionId}", null),
        })
        {
            var response = await ada.SendAsync(method, path, body);
            var problem = await response.ShouldBeProblemAsync(503, "unavailable");
            Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        }
    }

    private async Task NothingShouldHaveChangedAsync(LoggedInDevice ada)
    {
        var row = await app.RowOfAsync(ada);
        Assert.Equal((0u, null), (row.Generation, row.EndedAt));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Login, Ct)));
        await ada.RefreshAsync();
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await (await ada.Http.PostAsync("/login", new { username = "ada", password = Password })).ShouldBePairAsync();
    }
}
