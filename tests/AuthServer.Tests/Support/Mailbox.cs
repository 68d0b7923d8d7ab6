using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using AuthServer.Mail;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace AuthServer.Tests.Support;

/// <summary>Takes the mails of a server, in place of a mail server.</summary>
internal sealed partial class Mailbox : IMailTransport
{
    private readonly Channel<MimeMessage> taken = Channel.CreateUnbounded<MimeMessage>();

    /// <summary>The failures of the next attempts, in order.</summary>
    public ConcurrentQueue<Exception> Failures { get; } = [];

    /// <summary>Number of attempts.</summary>
    public int Attempts { get; private set; }

    /// <summary>A server whose mails come here.</summary>
    public AuthServerApp CreateApp(params (string Key, string Value)[] settings) =>
        new(services => services.AddSingleton<IMailTransport>(this), settings);

    /// <summary>The next mail, which must have this subject.</summary>
    public async Task<MimeMessage> NextAsync(string subject)
    {
        var message = await taken.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(subject, message.Subject);
        return message;
    }

    /// <summary>The next mail that has this subject. Mails before it are dropped.</summary>
    public async Task<MimeMessage> FindAsync(string subject)
    {
        MimeMessage message;
        do
        {
            message = await taken.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }
        while (message.Subject != subject);
        return message;
    }

    /// <summary>The next two mails, which are sent in any order.</summary>
    public async Task<(MimeMessage First, MimeMessage Second)> NextTwoAsync(string first, string second)
    {
        var ct = TestContext.Current.CancellationToken;
        MimeMessage[] mails = [await taken.Reader.ReadAsync(ct), await taken.Reader.ReadAsync(ct)];
        return (mails.Single(mail => mail.Subject == first), mails.Single(mail => mail.Subject == second));
    }

    /// <summary>True if a mail waits to be read.</summary>
    public bool HasMail => taken.Reader.TryPeek(out _);

    /// <summary>The token of the link of a mail.</summary>
    public static string TokenOf(MimeMessage message)
    {
        var token = Token().Match(message.TextBody!).Groups[1].Value;
        Assert.NotEmpty(token);
        Assert.Contains("#link=" + token, message.HtmlBody, StringComparison.Ordinal);
        return token;
    }

    /// <summary>The code of a mail.</summary>
    public static string CodeOf(MimeMessage message) => message.TextBody!.Split('\n', StringSplitOptions.TrimEntries)
        .Single(line => line.Length == 8 && line.All(char.IsDigit));

    public async Task SendAsync(Guid id, MimeMessage message, CancellationToken ct)
    {
        Attempts++;
        if (Failures.TryDequeue(out var failure))
        {
            throw failure;
        }

        // As a mail server gets it.
        using var content = new MemoryStream();
        await message.WriteToAsync(content, ct);
        content.Position = 0;
        taken.Writer.TryWrite(await MimeMessage.LoadAsync(content, ct));
    }

    public Task ReleaseAsync(CancellationToken ct) => Task.CompletedTask;

    [GeneratedRegex("(?m)^http://localhost:5080/#link=([A-Za-z0-9_-]+)$")]
    private static partial Regex Token();
}
