using System.Globalization;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Limits of what a flood of refusals writes, to the database and to the log.</summary>
public sealed class EventFloodTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Networks_beyond_limit_of_minute_share_one_row()
    {
        await using var app = new AuthServerApp();
        for (var network = 0; network < 300; network++)
        {
            Count(app, EventKind.TokenRejected, $"10.{network / 256}.{network % 256}.1");
            Count(app, EventKind.TokenRejected, $"10.{network / 256}.{network % 256}.2");
        }

        var rows = await app.CountedAsync();
        Assert.Equal(EventRowLimit.Networks + 1, rows.Count);
        Assert.Equal(2 * (300 - EventRowLimit.Networks), rows.Single(row => row.Network == EventRowLimit.Rest).Count);
        Assert.All(rows.Where(row => row.Network != EventRowLimit.Rest), row => Assert.Equal(2, row.Count));
        Assert.All(rows, row => Assert.Null(row.UserAgent));
    }

    [Fact]
    public async Task Flood_of_refusals_writes_bounded_rows_and_lines()
    {
        await using var app = new AuthServerApp();
        for (var request = 0; request < 20_000; request++)
        {
            Count(app, EventKind.RateLimited, $"10.{request % 40}.{request % 250}.{request % 200}");
        }

        var rows = await app.CountedAsync();
        Assert.InRange(rows.Count, 1, EventRowLimit.Networks + 1);
        Assert.Equal(20_000, rows.Sum(row => row.Count));
        var lines = app.Log.Lines.Where(line => line.Event is "rate_limited" or "lines_limited").ToList();
        Assert.InRange(lines.Count, LineLimit.Total, LineLimit.Total + 1);
        Assert.Contains("all networks", lines[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IPv6_customer_does_not_silence_log()
    {
        await using var app = new AuthServerApp();
        for (var request = 0; request < 2 * LineLimit.Total; request++)
        {
            Count(app, EventKind.RateLimited, $"2001:db8:0:1::{request:x}");
        }

        Count(app, EventKind.LoginFailed, "198.51.100.66");
        Assert.Equal(LineLimit.PerNetwork, app.Log.Lines.Count(line => line.Event == "rate_limited"));
        Assert.Contains(app.Log.Lines, line => line.Text.Contains("from 198.51.100.66", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_has_few_lines_in_minute_and_again_in_next_one()
    {
        await using var app = new AuthServerApp(ClientAddresses.AddTo);
        var (one, other) = (ClientAddresses.Create(app, "203.0.113.7"), ClientAddresses.Create(app, "203.0.113.8"));
        for (var request = 0; request < 30; request++)
        {
            await one.PostAsync("/refresh", new { refreshToken = "forged" });
        }

        await other.PostAsync("/refresh", new { refreshToken = "forged" });
        Assert.Equal((10, 1), (LinesOf(app, "203.0.113.7"), LinesOf(app, "203.0.113.8")));
        var limited = Assert.Single(app.Log.Lines, line => line.Event == "lines_limited");
        Assert.Contains("More token_rejected from 203.0.113.7/32", limited.Text, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await one.PostAsync("/refresh", new { refreshToken = "forged" });
        Assert.Equal(11, LinesOf(app, "203.0.113.7"));
        Assert.Equal([31, 1], (await app.CountedAsync()).Select(row => row.Count));
    }

    [Fact]
    public async Task Network_has_limited_rows_of_accounts_in_day()
    {
        await using var app = new AuthServerApp();
        for (var account = 0; account < EventRowLimit.AccountsOfNetwork + 5; account++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            Count(app, EventKind.LoginFailed, "203.0.113.7", Guid.NewGuid());
        }

        Count(app, EventKind.LoginFailed, "198.51.100.7", Guid.NewGuid());
        var rows = await app.CountedAsync();
        Assert.Equal(EventRowLimit.AccountsOfNetwork + 1, rows.Count(row => row.UserId is not null));
        Assert.Equal(5, rows.Where(row => row.Network == "203.0.113.0/24").Sum(row => row.Count));
    }

    [Fact]
    public async Task Names_that_do_not_exist_are_in_neither_database_nor_log()
    {
        const string Name = "velociraptor-in-the-kitchen";
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await ada.Http.PostAsync("/login", new { username = Name, password = "a wrong password" });
            await ada.Http.PostAsync("/login", new { username = Name });
            await ada.Http.PostAsync("/register", new { username = Name + ":", password = "short" });
            await ada.Http.PostAsync("/login", new Dictionary<string, string> { [Name] = "x" });
        }

        Assert.Equal(
            [EventKind.LoginFailed, EventKind.RequestInvalid], (await app.CountedAsync()).Select(row => row.Kind).Order());
        Assert.DoesNotContain(Name, await TestDatabase.ContentAsync(app.DataDirectory), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(app.Log.Lines, line => line.Text.Contains(Name, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Text_of_attacker_can_not_break_line_of_log()
    {
        await using var app = new AuthServerApp();
        app.Get<IEventCounter>();
        var refused = await app.PostFromAsync(
            $"https://evil.example/\u001b[2J\u0085{new string('x', 5000)}", "/login?transport=cookie", null, new { });
        await refused.ShouldBeProblemAsync(403, "cross_site");
        var line = Assert.Single(app.Log.Lines, line => line.Event == "cross_site_refused");
        Assert.DoesNotContain(line.Text, char.IsControl);
        Assert.InRange(line.Text.Length, 300, 700);
    }

    [Fact]
    public async Task Stop_writes_what_waits()
    {
        using var folder = new TempFolder();
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path)))
        {
            app.CreateClient();
            for (var second = 0; second < 5; second++)
            {
                Count(app, EventKind.TokenRejected, "203.0.113.7");
                app.Clock.Advance(TimeSpan.FromMinutes(1));
            }
        }

        await using var next = new AuthServerApp(("Data:Directory", folder.Path));
        Assert.Equal([1, 1, 1, 1, 1], (await next.CountedAsync()).Select(row => row.Count));
    }

    [Fact]
    public async Task Counts_that_can_not_be_written_are_logged_and_later_ones_are_written()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        await app.LogInAsync("ada");
        probe.CommandFault = TestDatabase.Away;
        for (var network = 0; network < 10; network++)
        {
            Count(app, EventKind.TokenRejected, $"10.0.{network}.1");
        }

        await Eventually.BecomesAsync(() => NotCounted(app) == 10);
        probe.CommandFault = null;
        Count(app, EventKind.TokenRejected, "203.0.113.7");
        Assert.Equal("203.0.113.0/24", Assert.Single(await app.CountedAsync()).Network);
    }

    [Fact]
    public async Task Database_that_is_away_is_tried_few_times()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        using var counter = ActivatorUtilities.CreateInstance<EventCounter>(app.Services);
        for (var network = 0; network < 10; network++)
        {
            counter.Count(new SecurityEvent(EventKind.TokenRejected, new ClientInfo($"10.0.{network}.1", null)));
        }

        probe.CommandFault = TestDatabase.Away;
        var before = probe.Transactions;
        await counter.StartAsync(Ct);
        await Eventually.BecomesAsync(() => NotCounted(app) == 10);

        // All rows together, and then three of them.
        Assert.Equal(before + 4, probe.Transactions);
        await counter.StopAsync(Ct);
    }

    [Fact]
    public async Task Events_beyond_rows_that_may_wait_are_logged_as_not_counted()
    {
        const int Capacity = 8192;
        await using var app = new AuthServerApp();
        using var counter = ActivatorUtilities.CreateInstance<EventCounter>(app.Services);
        for (var account = 0; account < Capacity + 3; account++)
        {
            app.Clock.Advance(account % EventRowLimit.Accounts == 0 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
            var client = new ClientInfo($"10.0.{account % 256}.1", null);
            counter.Count(new SecurityEvent(EventKind.LoginFailed, client, Guid.NewGuid()));
        }

        await counter.StartAsync(Ct);
        await Eventually.BecomesAsync(() => NotCounted(app) == 3);
        await counter.StopAsync(Ct);
        Assert.Equal(Capacity, (await app.CountedAsync()).Count);
    }

    // A line for all of a batch: "10 events of the kind …".
    private static int NotCounted(AuthServerApp app) => app.Log.Lines.Where(line => line.Event == "event_not_counted")
        .Sum(line => int.Parse(line.Text.Split(' ')[0], CultureInfo.InvariantCulture));

    private static void Count(AuthServerApp app, EventKind kind, string address, Guid? user = null) =>
        app.Get<IEventCounter>().Count(new SecurityEvent(kind, new ClientInfo(address, "a bot"), user));

    private static int LinesOf(AuthServerApp app, string address) => app.Log.Lines.Count(line =>
        line.Event == "token_rejected" && line.Text.Contains($"from {address};", StringComparison.Ordinal));
}
