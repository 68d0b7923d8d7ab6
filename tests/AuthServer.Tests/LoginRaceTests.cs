using System.Net;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Accounts that change while a password is hashed, and passwords that wait for the hash queue.</summary>
public sealed class LoginRaceTests
{
    private const string Password = AuthServerApp.Password;
    private const string Another = "velvet harbour umbrella 92";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_after_change_of_work_factor_hashes_again_and_keeps_password()
    {
        using var folder = new TempFolder();
        await using (var before = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "4")))
        {
            await before.LogInAsync("ada");
            Assert.StartsWith("$2a$04$", await HashOfAdaAsync(before), StringComparison.Ordinal);
        }

        await using var after = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "5"));
        await (await LoginAsync(after, "wrong")).ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.StartsWith("$2a$04$", await HashOfAdaAsync(after), StringComparison.Ordinal);

        await (await LoginAsync(after, Password)).ShouldBePairAsync();
        var rehashed = await HashOfAdaAsync(after);
        Assert.StartsWith("$2a$05$", rehashed, StringComparison.Ordinal);

        await (await LoginAsync(after, Password)).ShouldBePairAsync();
        Assert.Equal(rehashed, await HashOfAdaAsync(after));
    }

    [Fact]
    public async Task Hash_is_replaced_by_login_that_needs_second_factor()
    {
        using var folder = new TempFolder();
        await using (var before = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "4")))
        {
            await Authenticator.SetUpAsync(before, await before.LogInAsync("ada"));
        }

        await using var after = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "5"));
        await (await LoginAsync(after, Password)).ShouldBeProblemAsync(401, "second_factor_required");
        Assert.StartsWith("$2a$05$", await HashOfAdaAsync(after), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_logins_while_hash_is_replaced_all_succeed()
    {
        using var folder = new TempFolder();
        await using (var before = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "5")))
        {
            await before.LogInAsync("ada");
        }

        await using var after = new AuthServerApp(("Data:Directory", folder.Path), ("Passwords:WorkFactor", "4"));
        Assert.Equal(5, after.Get<PasswordHasher>().HighestStoredFactor);
        var logins = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LoginAsync(after, Password)));
        var pairs = await Task.WhenAll(logins.Select(login => login.ShouldBePairAsync()));
        Assert.Equal(12, pairs.Select(pair => pair.SessionId).Distinct().Count());
        Assert.StartsWith("$2a$04$", await HashOfAdaAsync(after), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_whose_password_changes_while_it_is_checked_is_refused()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        await app.LogInAsync("ada");
        var hash = await app.Get<PasswordHasher>().HashNewAsync("password", Another, [], caller: default, Ct);

        var login = await DuringAsync(app, probe, user => user.ChangePassword(hash.Value), () => LoginAsync(app, Password));
        await login.ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
        await (await LoginAsync(app, Another)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Login_whose_hash_changes_while_it_is_checked_succeeds_by_same_password()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        await app.LogInAsync("ada");
        var hash = await app.Get<PasswordHasher>().HashNewAsync("password", Password, [], caller: default, Ct);
        var login = await DuringAsync(app, probe, user => user.ChangePassword(hash.Value), () => LoginAsync(app, Password));
        await login.ShouldBePairAsync();
    }

    [Theory]
    [InlineData(Another, HttpStatusCode.Unauthorized)]
    [InlineData(Password, HttpStatusCode.OK)]
    public async Task Proof_whose_account_changes_while_it_is_checked_is_made_again(string next, HttpStatusCode status)
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        var loggedIn = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        var hash = await app.Get<PasswordHasher>().HashNewAsync("password", next, [], caller: default, Ct);
        var answer = await DuringAsync(
            app,
            probe,
            user => user.ChangePassword(hash.Value),
            () => ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { Password, ada.Pair.RefreshToken }));
        answer.ShouldBe(status);
        var row = await app.RowOfAsync(ada);
        var isProved = status == HttpStatusCode.OK;
        Assert.Equal(isProved ? app.Clock.GetUtcNow() : loggedIn, row.AuthenticatedAt);
        Assert.Equal(isProved ? 2u : 0u, row.Generation);
    }

    [Fact]
    public async Task Login_whose_account_is_disabled_while_it_is_checked_is_refused()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        await app.LogInAsync("ada");
        var login = await DuringAsync(app, probe, user => user.Disabled = true, () => LoginAsync(app, Password));
        await login.ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Full_hash_queue_makes_passwords_unavailable_and_nothing_else()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        using var release = new ManualResetEventSlim();
        var waiting = await FillAsync(app.Get<PasswordHashQueue>(), release);
        try
        {
            await (await LoginAsync(app, Password)).ShouldBeProblemAsync(503, "unavailable");
            var registration = await app.CreateClient().PostAsync("/register", new { username = "eve", password = Password });
            await registration.ShouldBeProblemAsync(503, "unavailable");
            var passwords = new { currentPassword = Password, newPassword = Another };
            await (await ada.SendAsync(HttpMethod.Post, "/password", passwords)).ShouldBeProblemAsync(503, "unavailable");
            var proof = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { Password });
            await proof.ShouldBeProblemAsync(503, "unavailable");

            (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            (await ada.GetAsync("/health/ready")).ShouldBe(HttpStatusCode.OK);
            await ada.RefreshAsync();
        }
        finally
        {
            release.Set();
        }

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
        await (await LoginAsync(app, Password)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Hash_that_throws_or_whose_caller_has_gone_stops_no_thread()
    {
        await using var app = new AuthServerApp();
        var queue = app.Get<PasswordHashQueue>();
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            await Assert.ThrowsAsync<FormatException>(() => queue.RunAsync<bool>(() => throw new FormatException(), default, Ct));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => queue.RunAsync<bool>(() => throw new FormatException(), default, gone.Token));
        }

        Assert.True(await queue.RunAsync(() => true, default, Ct));
    }

    // The account changes after the request has read it and before the request writes.
    private static async Task<HttpResponseMessage> DuringAsync(
        AuthServerApp app, DatabaseProbe probe, Action<UserRow> change, Func<Task<HttpResponseMessage>> sendAsync)
    {
        var (held, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var changed = app.Get<TransactionRunner>().RunAsync(
            async (transaction, ct) =>
            {
                var user = await transaction.LoadUserAsync(await transaction.Db.Users.Select(u => u.Id).SingleAsync(ct), ct);
                held.SetResult();
                await release.Task;
                change(user!);
                return default(Unit);
            },
            Ct);
        await held.Task;
        var accountRead = probe.ReadOfAsync("normalized_username");
        var answer = sendAsync();
        await accountRead;
        release.SetResult();
        await changed;
        return await answer;
    }

    // All threads are busy and their queues are full.
    private static async Task<List<Task<bool>>> FillAsync(PasswordHashQueue queue, ManualResetEventSlim release)
    {
        var started = new SemaphoreSlim(0);
        var tasks = new List<Task<bool>>();
        for (var core = 0; core < Environment.ProcessorCount; core++)
        {
            tasks.Add(queue.RunAsync(
                () =>
                {
                    started.Release();
                    return release.Wait(TimeSpan.FromMinutes(1));
                },
                default,
                Ct));
        }

        for (var core = 0; core < Environment.ProcessorCount; core++)
        {
            await started.WaitAsync(Ct);
        }

        foreach (var isKnownDevice in new[] { false, true })
        {
            // The first one that does not fit is refused at once.
            for (var refused = queue.Refused; queue.Refused == refused;)
            {
                tasks.Add(queue.RunAsync(() => true, new HashCaller(IpAddress: null, isKnownDevice), Ct));
            }

            tasks.RemoveAt(tasks.Count - 1);
        }

        return tasks;
    }

    private static Task<HttpResponseMessage> LoginAsync(AuthServerApp app, string password) =>
        app.CreateClient().PostAsync("/login", new { username = "ada", password });

    private static Task<string> HashOfAdaAsync(AuthServerApp app) =>
        app.InDatabaseAsync(db => db.Users.Select(user => user.PasswordHash).SingleAsync(Ct));
}
