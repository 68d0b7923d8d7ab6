using System.Net;
using AuthServer.Mail;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>Attempts to send the mails of the outbox.</summary>
public sealed class MailSenderTests : IAsyncLifetime
{
    private const string Confirm = "Confirm your email address";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;

    public MailSenderTests() => app = mailbox.CreateApp();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Mail_is_sent_again_after_growing_pauses()
    {
        for (var i = 0; i < 9; i++)
        {
            mailbox.Failures.Enqueue(new MailException("the mail server can't be reached"));
        }

        await RegisterAsync("ada");
        for (var attempt = 1; attempt <= 9; attempt++)
        {
            await FailedAsync(attempt);
            await PassAsync(PauseAfter(attempt));
        }

        await mailbox.NextAsync(Confirm);
        await Eventually.BecomesAsync(async () => (await MailAsync()) is { State: MailState.Sent, Problem: null, Attempts: 10 });
    }

    [Fact]
    public async Task Mail_is_given_up_after_day_and_can_be_retried()
    {
        for (var i = 0; i < 100; i++)
        {
            mailbox.Failures.Enqueue(new MailException("the mail server can't be reached"));
        }

        await RegisterAsync("ada");
        var begun = app.Clock.GetUtcNow();
        for (var attempt = 1; await FailedAsync(attempt) is { State: MailState.Waiting }; attempt++)
        {
            await PassAsync(PauseAfter(attempt));
        }

        Assert.InRange(app.Clock.GetUtcNow() - begun, TimeSpan.FromHours(22), TimeSpan.FromHours(24));
        Assert.Contains(app.Log.Lines, line => line.Text.Contains("; failed", StringComparison.Ordinal));
        mailbox.Failures.Clear();
        Assert.Equal(1, await app.Get<MailStore>().RetryAsync(id: null, Ct));
        app.Get<MailSignal>().Set();
        await mailbox.NextAsync(Confirm);
    }

    [Fact]
    public async Task Mail_that_is_refused_for_good_is_not_sent_again()
    {
        mailbox.Failures.Enqueue(new MailException("the mail server answered 550") { IsPermanent = true });
        await RegisterAsync("ada");
        var mail = await FailedAsync(attempt: 1);
        Assert.Equal((MailState.Failed, "the mail server answered 550"), (mail.State, mail.Problem));
        Assert.Equal(1, mailbox.Attempts);
    }

    [Fact]
    public async Task Mail_that_killed_node_has_claimed_is_sent_by_another_after_lease()
    {
        // As a node leaves it that is killed between the claim and the mail server.
        await StopSenderAsync();
        await RegisterAsync("ada");
        var store = app.Get<MailStore>();
        Assert.NotNull(await store.ClaimAsync(MailSender.Lease, Ct));
        Assert.Null(await store.ClaimAsync(MailSender.Lease, Ct));
        app.Clock.Advance(MailSender.Lease);
        Assert.NotNull(await store.ClaimAsync(MailSender.Lease, Ct));
    }

    [Fact]
    public async Task Concurrent_claims_get_each_mail_once()
    {
        await StopSenderAsync();
        for (var i = 0; i < 20; i++)
        {
            await RegisterAsync($"user{i}", $"user{i}@example.org");
        }

        var store = app.Get<MailStore>();
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            List<Guid> ids = [];
            while (await store.ClaimAsync(MailSender.Lease, Ct) is { } claimed)
            {
                ids.Add(claimed.Mail.Id);
            }

            return ids;
        }));
        Assert.Equal(20, claims.Sum(ids => ids.Count));
        Assert.Equal(20, claims.SelectMany(ids => ids).Distinct().Count());
    }

    [Fact]
    public async Task Mail_has_headers_that_keep_answers_away()
    {
        await RegisterAsync("ada");
        var mail = await mailbox.NextAsync(Confirm);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal("authserver@localhost", mail.From.Mailboxes.Single().Address);
        Assert.Equal($"{(await MailAsync()).Id}@localhost", mail.MessageId);
        Assert.Equal(app.Clock.GetUtcNow(), mail.Date);
    }

    [Theory]
    [InlineData("ko-KR,ko;q=0.9,en;q=0.8", "이메일 주소를 인증해 주세요")]
    [InlineData("fr, ko;q=0.5", Confirm)]
    [InlineData("en;q=0.1, ko", "이메일 주소를 인증해 주세요")]
    [InlineData("<script>", Confirm)]
    public async Task Mail_has_language_of_registration(string languages, string subject)
    {
        var http = app.CreateClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", languages);
        const string Email = "ada@example.org";
        (await http.PostAsync("/register", new { username = "ada", password = AuthServerApp.Password, email = Email }))
            .ShouldBe(HttpStatusCode.Created);
        await mailbox.NextAsync(subject);
    }

    [Theory]
    [InlineData("ada lovelace", true)]
    [InlineData("에이다", true)]
    [InlineData("evil.example/win", false)]
    [InlineData("<b>ada</b>", false)]
    public async Task Name_that_could_be_taken_for_link_is_not_in_mail(string username, bool isShown)
    {
        await RegisterAsync(username);
        var mail = await mailbox.NextAsync(Confirm);
        Assert.Equal(isShown, mail.TextBody!.Contains(username, StringComparison.Ordinal));
        Assert.Equal(isShown, mail.HtmlBody!.Contains(username, StringComparison.Ordinal));
        Assert.DoesNotContain("<b>", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_gets_three_links_within_hour_from_all_accounts()
    {
        foreach (var username in (string[])["ada", "bob", "carol", "dave"])
        {
            await RegisterAsync(username, username.ToUpperInvariant() is "BOB" ? "ADA@example.org" : "ada@example.org");
        }

        for (var i = 0; i < 3; i++)
        {
            await mailbox.NextAsync(Confirm);
        }

        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State == MailState.Sent)));
        Assert.False(mailbox.HasMail);
    }

    [Fact]
    public async Task Mail_that_cannot_be_made_stops_no_other()
    {
        mailbox.Failures.Enqueue(new InvalidOperationException("broken"));
        await RegisterAsync("ada");
        await RegisterAsync("bob");
        await mailbox.NextAsync(Confirm);
    }

    [Fact]
    public async Task Old_mails_are_swept()
    {
        await RegisterAsync("ada");
        await mailbox.NextAsync(Confirm);
        mailbox.Failures.Enqueue(new MailException("the mail server answered 550") { IsPermanent = true });
        await RegisterAsync("bob");
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State != MailState.Waiting)));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.SweepAsync();
        Assert.Equal(MailState.Failed, (await MailAsync()).State);
        app.Clock.Advance(TimeSpan.FromDays(29));
        await app.SweepAsync();
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Mails.CountAsync()));
    }

    private async Task RegisterAsync(string username, string email = "ada@example.org") => (await app.CreateClient().PostAsync(
        "/register", new { username, password = AuthServerApp.Password, email })).ShouldBe(HttpStatusCode.Created);

    private Task StopSenderAsync() => app.Get<IEnumerable<IHostedService>>().OfType<MailSender>().Single().StopAsync(Ct);

    private Task<MailRow> MailAsync() => app.InDatabaseAsync(db => db.Mails.SingleAsync());

    private static TimeSpan PauseAfter(int attempt) => TimeSpan.FromMinutes(Math.Min(Math.Pow(2, attempt - 1), 60));

    // The mail once the failure of an attempt is recorded.
    private async Task<MailRow> FailedAsync(int attempt)
    {
        await Eventually.BecomesAsync(async () => await MailAsync() is { } mail && mail.Attempts == attempt
            && (mail.State == MailState.Failed || mail.DueAt - app.Clock.GetUtcNow() == PauseAfter(attempt)));
        return await MailAsync();
    }

    private async Task PassAsync(TimeSpan time)
    {
        var attempts = mailbox.Attempts;
        app.Clock.Advance(time);
        await Eventually.BecomesAsync(() =>
        {
            // The sender may have set its timer after the clock moved.
            app.Get<MailSignal>().Set();
            return mailbox.Attempts > attempts;
        });
    }
}
