using System.Diagnostics;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace AuthServer.Mail;

/// <summary>
/// Hands mails to a mail server. Certificates are checked, and a server without the protection that is set gets no mail. Source:
/// RFC 5321.
/// </summary>
internal sealed class SmtpTransport(IOptions<MailOptions> options) : IMailTransport, IDisposable
{
    /// <summary>Time within which the server has to answer each command.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly SmtpOptions settings = options.Value.Smtp;
    private SmtpClient? client;

    /// <inheritdoc/>
    public async Task SendAsync(Guid id, MimeMessage message, CancellationToken ct)
    {
        try
        {
            client ??= await ConnectAsync(ct);
            await client.SendAsync(message, ct);
        }
        catch (Exception exception) when (ProblemOf(exception) is { } problem)
        {
            // The next attempt has a connection of its own, whatever state this one is in.
            client?.Dispose();
            client = null;
            throw problem;
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(CancellationToken ct)
    {
        if (client is not { } used)
        {
            return;
        }

        client = null;
        using (used)
        {
            try
            {
                await used.DisconnectAsync(quit: true, ct);
            }
            catch (Exception exception) when (ProblemOf(exception) is not null)
            {
                // The mails were taken before.
            }
        }
    }

    public void Dispose() => client?.Dispose();

    private async Task<SmtpClient> ConnectAsync(CancellationToken ct)
    {
        // As HttpClient does: the list of revoked certificates may be out of reach from here.
        var created = new SmtpClient
        {
            Timeout = (int)Timeout.TotalMilliseconds,
            CheckCertificateRevocation = false,
        };
        try
        {
            var (port, security) = settings.Security switch
            {
                SmtpSecurity.StartTls => (587, SecureSocketOptions.StartTls),
                SmtpSecurity.Tls => (465, SecureSocketOptions.SslOnConnect),
                SmtpSecurity.None => (25, SecureSocketOptions.None),
                _ => throw new UnreachableException($"{settings.Security} is no protection."),
            };
            await created.ConnectAsync(settings.Host, settings.Port == 0 ? port : settings.Port, security, ct);
            if (settings.Username.Length > 0)
            {
                await created.AuthenticateAsync(settings.Username, settings.Password, ct);
            }

            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    // Null for what is no problem of the server. The library's messages have words of the server, which may be anything.
    private static MailException? ProblemOf(Exception exception) => exception switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted } refused =>
            new($"the mail server answered {(int)refused.StatusCode}", refused)
            {
                IsPermanent = (int)refused.StatusCode >= 500,
            },
        SmtpCommandException refused => OfServer($"the mail server answered {(int)refused.StatusCode}", refused),
        ServiceNotAuthenticatedException => OfServer("the mail server asks for a login", exception),
        SslHandshakeException => OfServer("the certificate of the mail server is not valid", exception),
        AuthenticationException or SaslException => OfServer("the mail server refused the login", exception),
        NotSupportedException => OfServer("the mail server has no STARTTLS, or no login by a password", exception),

        // By TLS, a timeout comes as the failure of a read.
        TimeoutException or OperationCanceledException or IOException { InnerException: TimeoutException } =>
            OfServer("the mail server did not answer in time", exception),
        ProtocolException or CommandException or ServiceNotConnectedException =>
            OfServer("the mail server answered what is not SMTP", exception),
        IOException or SocketException or System.Security.Authentication.AuthenticationException =>
            OfServer("the mail server can't be reached", exception),
        _ => null,
    };

    private static MailException OfServer(string problem, Exception exception) =>
        new(problem, exception) { IsOfTransport = true };
}
