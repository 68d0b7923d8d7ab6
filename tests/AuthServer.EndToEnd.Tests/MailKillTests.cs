using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A server that is killed while it sends mails. The variable <c>HARDENING</c> asks for the long form.</summary>
public sealed partial class MailKillTests(ITestOutputHelper report) : IDisposable
{
    private const int AccountsOfRound = 4;

    // The answers to registrations, the login at the mail server, and four steps of each mail.
    private const int Moments = AccountsOfRound + 1 + (4 * AccountsOfRound);

    // About the time of one step, so that kills strike within steps and after them.
    private const double MostMilliseconds = 8;

    // The server sends a mail again when its claim by a killed one is over, which takes three minutes.
    private const string EndClaims = "UPDATE mails SET due_at = due_at - 180000 WHERE state = 1";

    private static readonly int Kills = HardeningRun.Of(6, 100);

    private readonly DataFolder data = new();
    private readonly ConcurrentBag<string> acknowledged = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Mails_of_killed_server_arrive_once_or_twice_and_their_links_work()
    {
        var random = HardeningRun.Begin(report, $"{Kills} kills");
        await using var mail = new MailServer(data.Root);
        for (var round = 0; round < Kills; round++)
        {
            await using var killed = await ServerProcess.StartAsync(mail.CommandOf(data));
            await SendLeftAsync(killed, round);
            await KillWhileSendingAsync(killed, mail, round, random);
            Assert.Equal(137, (await killed.ExitAsync()).Code);
            data.Execute(EndClaims);
        }

        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await SendLeftAsync(server, Kills);
        Assert.Subset(Addresses(), acknowledged.ToHashSet());
        await AssertReceivedAsync(mail, server.Http);
    }

    [GeneratedRegex("#link=([A-Za-z0-9_-]+)")]
    private static partial Regex Token();

    /// <summary>Registers an account, whose mail wakes the sender, and waits until no mail is left.</summary>
    private async Task SendLeftAsync(ServerProcess server, int round)
    {
        Assert.True(await TryRegisterAsync(server.Http, NameOf(round, AccountsOfRound)));
        await Eventually.BecomesAsync(() => CountWaiting() == 0);
    }

    /// <summary>Registers accounts, and kills the server at one of the moments until their mails are sent.</summary>
    private async Task KillWhileSendingAsync(ServerProcess server, MailServer mail, int round, Random random)
    {
        var (reached, last) = (0, random.Next(1, Moments + 1));
        var pause = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.NextDouble() * MostMilliseconds);
        var kill = new TaskCompletionSource<string>();
        void Reach(string step)
        {
            if (Interlocked.Increment(ref reached) == last)
            {
                // Without a pause before this step is answered.
                _ = pause == TimeSpan.Zero ? KillAsync(step) : Task.Run(() => KillAsync(step), CancellationToken.None);
            }
        }

        async Task KillAsync(string step)
        {
            await (pause == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(pause));
            server.Kill();
            kill.SetResult(step);
        }

        mail.ReachedAsync = step =>
        {
            Reach(step.ToString());
            return Task.CompletedTask;
        };
        await Task.WhenAll(Enumerable.Range(0, AccountsOfRound).Select(async number =>
        {
            if (await TryRegisterAsync(server.Http, NameOf(round, number)))
            {
                Reach("registration");
            }
        }));
        var killedAt = await kill.Task.WaitAsync(TimeSpan.FromMinutes(3), Ct);
        mail.ReachedAsync = _ => Task.CompletedTask;
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Kill {round + 1}: {pause.TotalMilliseconds:0.0} ms after moment {last}, {killedAt}; {CountWaiting()} mails left."));
    }

    // False if the server was killed before it answered.
    private async Task<bool> TryRegisterAsync(HttpClient http, string username)
    {
        var email = $"{username}@example.com";
        try
        {
            using var answer = await http.PostAsync("/register", new { username, password = HttpAssertions.Password, email });
            await answer.ShouldBeAsync(HttpStatusCode.Created);
            acknowledged.Add(email);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task AssertReceivedAsync(MailServer mail, HttpClient http)
    {
        var received = mail.Messages.ToLookup(message => message.To.Mailboxes.Single().Address);
        Assert.Equal(Addresses(), received.Select(copies => copies.Key).ToHashSet());
        foreach (var copies in received)
        {
            Assert.InRange(copies.Count(), 1, 2);

            // By which a mail program may show both as one.
            Assert.Single(copies.Select(message => message.MessageId).Distinct());
            var token = Token().Match(copies.Last().TextBody!).Groups[1].Value;
            await (await http.PostAsync("/email/confirm", new { token })).ShouldBeAsync(HttpStatusCode.NoContent);
        }

        report.WriteLine(
            $"{Kills} kills, {received.Count} mails: {received.Count(copies => copies.Count() == 1)} came once, "
            + $"{received.Count(copies => copies.Count() == 2)} twice.");
    }

    private int CountWaiting()
    {
        using var database = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        using var command = database.CreateCommand();
        command.CommandText = "SELECT count(*) FROM mails WHERE state = 1";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private HashSet<string> Addresses()
    {
        using var database = data.OpenDatabase(SqliteOpenMode.ReadOnly);
        using var command = database.CreateCommand();
        command.CommandText = "SELECT email FROM users";
        using var rows = command.ExecuteReader();
        var addresses = new HashSet<string>();
        while (rows.Read())
        {
            addresses.Add(rows.GetString(0));
        }

        return addresses;
    }

    private static string NameOf(int round, int number) => $"user-{round}-{number}";
}
