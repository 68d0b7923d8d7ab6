using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthServer.Tests.Support;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Steps of a mail server that takes a mail, each before its answer.</summary>
public enum MailStep
{
    /// <summary>A client logs in.</summary>
    Login,

    /// <summary>A client names the sender of a mail.</summary>
    Sender,

    /// <summary>A client names the recipient.</summary>
    Recipient,

    /// <summary>The content has come, and the mail is not taken yet.</summary>
    Content,

    /// <summary>The mail is taken, which the client does not know yet.</summary>
    Taken,
}

/// <summary>
/// A mail server on loopback with STARTTLS and one user. It takes every mail, except to users named <c>refused</c> for good and
/// <c>busy</c> for now.
/// </summary>
public sealed class MailServer : IAsyncDisposable
{
    public const string Username = "authserver";
    public const string Password = "password of the mail server";

    private readonly ConcurrentQueue<MimeMessage> messages = [];
    private readonly X509Certificate2 certificate = NewCertificate();
    private readonly SmtpServer.SmtpServer smtp;
    private CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;
    private int logins;

    /// <param name="folder">Folder for the certificate.</param>
    /// <param name="hasTls">False for a server without STARTTLS.</param>
    public MailServer(string folder, bool hasTls = true)
    {
        CertificatePath = Path.Combine(folder, "mail-server.pem");
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).AllowUnsecureAuthentication(!hasTls);
            if (hasTls)
            {
                endpoint.Certificate(certificate);
            }
        }).Build();
        var services = new ServiceProvider();
        services.Add(new Store(this));
        services.Add(new Filter(this));
        services.Add(new Login(this));
        smtp = new SmtpServer.SmtpServer(options, services);
        Start();
    }

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>Does something at each step, and delays its answer.</summary>
    public Func<MailStep, Task> ReachedAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>The certificate, which a server trusts that has this path in <c>SSL_CERT_FILE</c>.</summary>
    public string CertificatePath { get; }

    /// <summary>The mails that were taken.</summary>
    public IReadOnlyCollection<MimeMessage> Messages => messages;

    /// <summary>Number of logins, wrong ones included.</summary>
    public int Logins => logins;

    /// <summary>A server that sends its mails here.</summary>
    public ServerCommand CommandOf(DataFolder data, bool trusts = true) => new(
        data,
        "Mail:Delivery=smtp",
        "Mail:Smtp:Host=localhost",
        $"Mail:Smtp:Port={Port}",
        $"Mail:Smtp:Username={Username}",
        $"Mail:Smtp:Password={Password}",
        "Mail:From=Example <no-reply@example.com>")
    {
        Variables = trusts ? new Dictionary<string, string> { ["SSL_CERT_FILE"] = CertificatePath } : [],
    };

    /// <summary>Starts to listen again after <see cref="StopAsync"/>.</summary>
    public void Start() => running = smtp.StartAsync(stop.Token);

    /// <summary>Stops to listen. The port and the certificate stay.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        stop = new CancellationTokenSource();
    }

    /// <summary>Waits for a mail with a subject.</summary>
    public async Task<MimeMessage> ReceiveAsync(string subject)
    {
        await Eventually.BecomesAsync(() => messages.Any(message => message.Subject == subject), $"a mail \"{subject}\"");
        return messages.Single(message => message.Subject == subject);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        certificate.Dispose();
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class Store(MailServer owner) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context,
            IMessageTransaction transaction,
            ReadOnlySequence<byte> buffer,
            CancellationToken cancellationToken)
        {
            using var content = new MemoryStream(buffer.ToArray());
            var message = await MimeMessage.LoadAsync(content, cancellationToken);
            await owner.ReachedAsync(MailStep.Content);
            owner.messages.Enqueue(message);
            await owner.ReachedAsync(MailStep.Taken);
            return SmtpResponse.Ok;
        }
    }

    private sealed class Filter(MailServer owner) : MailboxFilter
    {
        public override async Task<bool> CanAcceptFromAsync(
            ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken)
        {
            await owner.ReachedAsync(MailStep.Sender);
            return true;
        }

        public override async Task<bool> CanDeliverToAsync(
            ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken)
        {
            await owner.ReachedAsync(MailStep.Recipient);
            return to.User switch
            {
                "busy" => throw new SmtpResponseException(new SmtpResponse((SmtpReplyCode)450)),
                "refused" => false,
                _ => true,
            };
        }
    }

    private sealed class Login(MailServer owner) : UserAuthenticator
    {
        public override async Task<bool> AuthenticateAsync(
            ISessionContext context, string user, string password, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref owner.logins);
            await owner.ReachedAsync(MailStep.Login);
            return user == Username && password == Password;
        }
    }
}
