using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Mails by a real mail server.</summary>
public sealed class MailTests : IDisposable
{
    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Mail_is_sent_over_tls_after_login()
    {
        await using var mail = new MailServer(data.Root);
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await RegisterAsync(server.Http, "ada@example.com");
        await Eventually.BecomesAsync(() => mail.Messages.Count == 1);
        var message = mail.Messages.Single();
        var from = message.From.Mailboxes.Single();
        Assert.Equal(("Example", "no-reply@example.com"), (from.Name, from.Address));
        Assert.Equal("ada@example.com", message.To.Mailboxes.Single().Address);
        Assert.Contains("/#link=", message.TextBody!, StringComparison.Ordinal);
        Assert.Equal(1, mail.Logins);
        await Eventually.BecomesAsync(() => StateIsAsync("sent", null));
    }

    [Fact]
    public async Task Server_with_unknown_certificate_gets_neither_password_nor_mail()
    {
        await using var mail = new MailServer(data.Root);
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data, trusts: false));
        await RegisterAsync(server.Http, "ada@example.com");
        await Eventually.BecomesAsync(() => StateIsAsync("waiting", "the certificate of the mail server is not valid"));
        Assert.Equal((0, 0), (mail.Logins, mail.Messages.Count));
    }

    [Fact]
    public async Task Server_without_starttls_gets_neither_password_nor_mail()
    {
        await using var mail = new MailServer(data.Root, hasTls: false);
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await RegisterAsync(server.Http, "ada@example.com");
        await Eventually.BecomesAsync(
            () => StateIsAsync("waiting", "the mail server has no STARTTLS, or no login by a password"));
        Assert.Equal((0, 0), (mail.Logins, mail.Messages.Count));
    }

    [Fact]
    public async Task Server_that_is_away_gets_mail_later()
    {
        await using var mail = new MailServer(data.Root);
        await mail.StopAsync();
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await RegisterAsync(server.Http, "ada@example.com");
        await Eventually.BecomesAsync(() => StateIsAsync("waiting", "the mail server can't be reached"));
        Assert.DoesNotContain(server.Output, line => line.Contains(MailServer.Password, StringComparison.Ordinal));

        mail.Start();
        data.Execute("UPDATE mails SET due_at = due_at - 60000");
        await Eventually.BecomesAsync(async () =>
        {
            // Wakes the sender, which otherwise looks every half a minute.
            using var unknown = await server.Http.PostAsync("/password/forgot", new { username = "bob" });
            return mail.Messages.Count == 1;
        });
        await Eventually.BecomesAsync(() => StateIsAsync("sent", null));
    }

    [Fact]
    public async Task Server_that_refuses_login_gets_mail_later()
    {
        await using var mail = new MailServer(data.Root);
        var command = mail.CommandOf(data);
        await using var server = await ServerProcess.StartAsync(
            command with { Settings = [.. command.Settings, "Mail:Smtp:Password=another password"] });
        await RegisterAsync(server.Http, "ada@example.com");
        await Eventually.BecomesAsync(() => StateIsAsync("waiting", "the mail server refused the login"));
        Assert.NotEqual(0, mail.Logins);
        Assert.Empty(mail.Messages);
        Assert.DoesNotContain(server.Output, line => line.Contains("another password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recipient_that_is_busy_is_tried_again()
    {
        await using var mail = new MailServer(data.Root);
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await RegisterAsync(server.Http, "busy@example.com");
        await Eventually.BecomesAsync(() => StateIsAsync("waiting", "the mail server answered 450"));
        Assert.Empty(mail.Messages);
    }

    [Fact]
    public async Task Recipient_that_is_refused_is_not_tried_again()
    {
        await using var mail = new MailServer(data.Root);
        await using var server = await ServerProcess.StartAsync(mail.CommandOf(data));
        await RegisterAsync(server.Http, "refused@example.com");
        await Eventually.BecomesAsync(() => StateIsAsync("failed", "the mail server answered 550"));
        Assert.Empty(mail.Messages);
    }

    private static async Task RegisterAsync(HttpClient http, string email)
    {
        var body = new { username = "ada", password = HttpAssertions.Password, email };
        using var answer = await http.PostAsJsonAsync("/register", body, Ct);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task<bool> StateIsAsync(string state, string? problem)
    {
        var list = await CommandRun.RunAsync(data, "", "mail", "list", "--json");
        var line = Assert.Single(list.Output);
        var mail = JsonDocument.Parse(line).RootElement;
        return mail.GetProperty("state").GetString() == state
            && (mail.TryGetProperty("problem", out var stored) ? stored.GetString() : null) == problem;
    }
}
