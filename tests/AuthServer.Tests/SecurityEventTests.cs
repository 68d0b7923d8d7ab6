using System.Net;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>Each kind of security event: what causes it, its row, and its line in the log.</summary>
public sealed class SecurityEventTests
{
    private const string Address = "203.0.113.7";
    private const string Network = "203.0.113.0/24";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registration_and_login_are_recorded_with_address_and_method()
    {
        await using var app = NewApp();
        var id = await RegisterAsync(app, "ada");
        var http = ClientAddresses.Create(app, Address);
        var login = await http.PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        var session = (await login.ShouldBePairAsync()).SessionId;
        await ShouldBeRecordedAsync(app, EventKind.Registered, id, Address, detail: null);
        await ShouldBeRecordedAsync(app, EventKind.Login, id, Address, detail: "password");
        app.Log.LineShouldBe("registered", LogLevel.Information, $"from {Address}; user {id}");
        app.Log.LineShouldBe("login", LogLevel.Information, $"from {Address}; user {id}, session {session}, by password");
    }

    [Fact]
    public async Task Failed_logins_are_counted_by_account_and_unknown_names_by_network()
    {
        await using var app = NewApp();
        var id = await RegisterAsync(app, "ada");
        foreach (var (username, address) in new[] { ("ada", Address), ("someone else", "203.0.113.8"), ("stranger", Address) })
        {
            var login = await ClientAddresses.Create(app, address).PostAsync("/login", new { username, password = "wrong" });
            await login.ShouldBeProblemAsync(401, "invalid_credentials");
        }

        app.Log.LineShouldBe("login_failed", LogLevel.Warning, $"Login by password failed from {Address}; user {id}");
        app.Log.LineShouldBe("login_failed", LogLevel.Warning, "Login by password failed from 203.0.113.8; user unknown");
        var rows = await app.CountedAsync();
        Assert.Equal(
            [(EventKind.LoginFailed, id, null, 1), (EventKind.LoginFailed, (Guid?)null, Network, 2)],
            rows.Select(row => (row.Kind, row.UserId, row.Network, row.Count)));
    }

    [Fact]
    public async Task Failed_second_factors_and_passkeys_are_counted_by_account()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var passkey = new SoftwareAuthenticator { Counts = true };
        await ada.AddAsync(passkey);
        await Authenticator.SetUpAsync(app, await app.LogInAsync("ada"));
        for (var guess = 0; guess < 2; guess++)
        {
            var wrong = await Authenticator.CompleteAsync(ada.Http, await Authenticator.ChallengeAsync(ada.Http), "000000");
            await wrong.ShouldBeProblemAsync(401, "second_factor_invalid");
        }

        await (await ada.Http.LogInAsync(passkey)).ShouldBePairAsync();
        passkey.SignCount = 0;
        await (await ada.Http.LogInAsync(passkey)).ShouldBeProblemAsync(401, "invalid_credentials");
        var rows = (await app.CountedAsync()).FindAll(row => row.Kind is not EventKind.RegistrationRefused);
        Assert.Equal(
            [(EventKind.SecondFactorFailed, 2), (EventKind.PasskeyRejected, 1)],
            rows.OrderBy(row => row.Kind).Select(row => (row.Kind, row.Count)));
        Assert.All(rows, row => Assert.Equal((IdOf(ada), null), (row.UserId, row.Network)));
    }

    [Fact]
    public void Condition_of_index_names_kinds_that_are_counted_by_account()
    {
        var kinds = Enum.GetValues<EventKind>().Where(EventRow.CountsByAccount).Except([EventKind.LoginFailed]);
        var condition = $"kind IN ({string.Join(", ", kinds.Select(kind => (int)kind))})";
        Assert.Equal(EventRow.IsCountedByAccount, condition);
    }

    [Fact]
    public async Task Password_changes_are_recorded_done_and_failed()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var id = IdOf(ada);
        foreach (var (currentPassword, status) in new[]
        {
            ("wrong", HttpStatusCode.Unauthorized), (AuthServerApp.Password, HttpStatusCode.NoContent),
        })
        {
            var body = new { currentPassword, newPassword = "velvet harbour umbrella 92" };
            (await ada.SendAsync(HttpMethod.Post, "/password", body)).ShouldBe(status);
        }

        app.Log.LineShouldBe("password_change_failed", LogLevel.Warning, $"user {id}");
        app.Log.LineShouldBe("password_changed", LogLevel.Information, $"user {id}");
        await ShouldBeRecordedAsync(app, EventKind.PasswordChanged, id, address: null, detail: null);
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal((EventKind.PasswordChangeFailed, id, 1), (row.Kind, row.UserId, row.Count));
    }

    [Fact]
    public async Task New_proof_is_recorded_with_session_and_method_and_wrong_one_counted()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var id = IdOf(ada);
        foreach (var (password, status) in new[]
        {
            ("wrong", HttpStatusCode.Unauthorized), (AuthServerApp.Password, HttpStatusCode.NoContent),
        })
        {
            (await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { password })).ShouldBe(status);
        }

        app.Log.LineShouldBe("login_failed", LogLevel.Warning, $"user {id}");
        app.Log.LineShouldBe(
            "reauthenticated", LogLevel.Information, $"user {id}, session {ada.SessionId}, by password");
        await ShouldBeRecordedAsync(app, EventKind.Reauthenticated, id, address: null, detail: "password");
        Assert.Equal(ada.SessionId, await app.InDatabaseAsync(db => db.Events
            .Where(e => e.Kind == EventKind.Reauthenticated).Select(e => e.SessionId).SingleAsync(Ct)));
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal((EventKind.LoginFailed, id, 1), (row.Kind, row.UserId, row.Count));
    }

    [Fact]
    public async Task Changes_by_operator_are_recorded_as_of_command_line()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var (id, accounts) = (IdOf(ada), app.Get<AccountStore>());
        await accounts.ChangeRolesAsync(id, roles => [.. roles, "editor", "admin"], Ct);
        await accounts.ChangeRolesAsync(id, roles => roles.Where(role => role != "editor"), Ct);
        await accounts.ChangeRolesAsync(id, roles => roles, Ct);
        await accounts.SetDisabledAsync(id, disabled: true, Ct, force: true);
        await accounts.SetDisabledAsync(id, disabled: false, Ct);
        await app.Get<PasswordService>().ResetAsync((await accounts.FindAsync(id, Ct))!, "velvet harbour umbrella 92", Ct);

        var events = await app.InDatabaseAsync(db => db.Events
            .Where(e => e.UserAgent == ClientInfo.CommandLine.UserAgent).OrderBy(e => e.Id).ToListAsync(Ct));
        Assert.Equal(
            [
                (EventKind.RolesChanged, "+editor +admin"), (EventKind.RolesChanged, "-editor"),
                (EventKind.AccountDisabled, null), (EventKind.SessionEnded, null), (EventKind.AccountEnabled, null),
                (EventKind.PasswordSet, (string?)null),
            ],
            events.Select(e => (e.Kind, e.Detail)));
        Assert.All(events, one => Assert.Equal((id, null), (one.UserId, one.IpAddress)));
        app.Log.LineShouldBe("roles_changed", LogLevel.Information, $"by command line; user {id}: -editor");
        app.Log.LineShouldBe("account_disabled", LogLevel.Information, $"by command line; user {id}");
        app.Log.LineShouldBe("account_enabled", LogLevel.Information, $"by command line; user {id}");
        app.Log.LineShouldBe("password_set", LogLevel.Information, $"by command line; user {id}");
        app.Log.LineShouldBe("session_ended", LogLevel.Information, $"by command line; user {id}, 1 of them: disabled");
    }

    [Fact]
    public async Task Ends_of_one_transaction_are_one_line_with_their_number()
    {
        await using var app = NewApp();
        for (var device = 0; device < 5; device++)
        {
            await app.LogInAsync("ada");
        }

        var last = await app.LogInAsync("ada");
        (await last.SendAsync(HttpMethod.Post, "/logout/all")).ShouldBe(HttpStatusCode.NoContent);
        var line = Assert.Single(app.Log.Lines, line => line.Event == "session_ended");
        Assert.Contains($"user {IdOf(last)}, 6 of them: logout_all", line.Text, StringComparison.Ordinal);
        Assert.Equal(6, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.SessionEnded, Ct)));
    }

    [Fact]
    public async Task Expired_sessions_have_rows_and_no_lines()
    {
        await using var app = NewApp();
        await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromDays(15));
        await app.SweepAsync();
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Reason == EndReason.Expired, Ct)));
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "session_ended");
    }

    [Fact]
    public async Task Reuse_is_recorded_beside_end_with_both_generations()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var stolen = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        await (await ada.PresentAsync(stolen)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await ShouldBeRecordedAsync(
            app, EventKind.RefreshTokenReused, IdOf(ada), address: null, "0 was presented, 2 is current");
        app.Log.LineShouldBe("refresh_token_reused", LogLevel.Warning, $"session {ada.SessionId}, which ended: 0 was presented");
        Assert.Equal(2, app.Log.Lines.Count(line => line.Event is "refresh_token_reused" or "session_ended"));
    }

    [Fact]
    public async Task Shared_refresh_token_is_counted_by_account()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var copy = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        var thief = ClientAddresses.Create(app, Address);
        thief.DefaultRequestHeaders.UserAgent.ParseAdd("thief/1.0");
        for (var repeat = 0; repeat < 3; repeat++)
        {
            await (await thief.PostAsync("/refresh", new { refreshToken = copy })).ShouldBePairAsync();
        }

        app.Log.LineShouldBe("refresh_shared", LogLevel.Warning, $"from {Address}; user {IdOf(ada)}, session {ada.SessionId}");
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal((EventKind.RefreshShared, IdOf(ada), 3, Address), (row.Kind, row.UserId, row.Count, row.IpAddress));
    }

    [Fact]
    public async Task Change_of_keys_is_recorded_once()
    {
        using var folder = new TempFolder();
        var details = new List<string?>();
        foreach (var (newest, isNew) in new[] { (1, true), (1, false), (2, true) })
        {
            await using var app = new AuthServerApp(
                ("Data:Directory", folder.Path), ("Keys:Root:1", KeyOf(7)), ($"Keys:Root:{newest}", KeyOf(7 * newest)));
            app.CreateClient();
            details = await app.InDatabaseAsync(db => db.Events.Where(e => e.Kind == EventKind.KeysChanged)
                .OrderBy(e => e.Id).Select(e => e.Detail).ToListAsync(Ct));
            Assert.Equal(isNew, app.Log.Lines.Any(line => line.Event == "keys_changed"));
        }

        Assert.Equal(3, details.Count);
        Assert.Matches("^root key 1 added, fingerprint [0-9a-f]{16}$", details[0]);
        Assert.Equal("access key 1 added, HS256", details[1]);
        Assert.Matches("^root key 2 added, fingerprint [0-9a-f]{16}$", details[2]);
    }

    private static AuthServerApp NewApp() => new(ClientAddresses.AddTo);

    private static string KeyOf(int seed) => Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(n => (byte)(n * seed))]);

    private static Guid IdOf(LoggedInDevice device) => device.Claims.GetProperty("sub").GetGuid();

    private static async Task<Guid> RegisterAsync(AuthServerApp app, string username)
    {
        var http = ClientAddresses.Create(app, Address);
        var answer = await http.PostAsync("/register", new { username, password = AuthServerApp.Password });
        answer.ShouldBe(HttpStatusCode.Created);
        return await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct));
    }

    private static async Task ShouldBeRecordedAsync(
        AuthServerApp app, EventKind kind, Guid userId, string? address, string? detail)
    {
        var row = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.Kind == kind, Ct));
        Assert.Equal((userId, address, detail, 1), (row.UserId, row.IpAddress, row.Detail, row.Count));
        Assert.Equal(app.Clock.GetUtcNow(), row.At);
    }
}
