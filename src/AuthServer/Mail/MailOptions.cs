using System.ComponentModel.DataAnnotations;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;
using MimeKit;

namespace AuthServer.Mail;

/// <summary>Ways to deliver mails.</summary>
internal enum MailDelivery
{
    /// <summary>Files in the folder <c>outbox</c> of the data directory, for developers.</summary>
    Folder,

    /// <summary>A mail server.</summary>
    Smtp,
}

/// <summary>Protections of the connection to a mail server.</summary>
internal enum SmtpSecurity
{
    /// <summary>TLS that begins by a command, on port 587. Source: RFC 3207.</summary>
    StartTls,

    /// <summary>TLS from the first byte, on port 465. Source: RFC 8314 §3.3.</summary>
    Tls,

    /// <summary>None, on port 25, for a server on the same machine.</summary>
    None,
}

/// <summary>The section <c>Mail</c>.</summary>
internal sealed class MailOptions
{
    public const string DefaultFrom = "authserver@localhost";

    /// <summary>
    /// The sender, such as <c>Example &lt;no-reply@example.com&gt;</c>; <c>authserver@localhost</c> unless set.
    /// </summary>
    public string From { get; set; } = DefaultFrom;

    /// <summary>Delivery of mails; the folder unless set.</summary>
    public MailDelivery Delivery { get; set; } = MailDelivery.Folder;

    /// <summary>The mail server.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>Folder with texts that take the place of ours; empty for none.</summary>
    public string Templates { get; set; } = "";
}

/// <summary>The section <c>Mail:Smtp</c>.</summary>
internal sealed class SmtpOptions
{
    /// <summary>Name of the mail server.</summary>
    public string Host { get; set; } = "";

    /// <summary>The port; 0 for the usual one of <see cref="Security"/>.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>The user name at the mail server; empty to log in to none.</summary>
    public string Username { get; set; } = "";

    /// <summary>The password of the user name.</summary>
    public string Password { get; set; } = "";

    /// <summary>The protection of the connection; <see cref="SmtpSecurity.StartTls"/> unless set.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;
}

/// <summary>Checks of settings that depend on one another. Settings that are not set are not checked.</summary>
internal sealed class MailOptionsValidation(IHostEnvironment host) : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options) =>
        ProblemOf(options) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;

    private string? ProblemOf(MailOptions options)
    {
        if (options.From != MailOptions.DefaultFrom && !MailboxAddress.TryParse(options.From, out _))
        {
            return "Mail:From is no address; write it like Example <no-reply@example.com>.";
        }

        if (!Enum.IsDefined(options.Delivery) || !Enum.IsDefined(options.Smtp.Security))
        {
            return "Mail:Delivery is folder or smtp, and Mail:Smtp:Security is starttls, tls or none; set one of these.";
        }

        if (options is { Delivery: MailDelivery.Smtp, Smtp.Host: "" })
        {
            return "Mail:Smtp:Host is empty; name the mail server, or set Mail:Delivery to folder.";
        }

        if (options is { Smtp.Security: SmtpSecurity.None, Smtp.Username: not "" })
        {
            return "Mail:Smtp:Security is none, which would send the password in clear; set starttls or tls, or no user name.";
        }

        if (options.Templates.Length == 0)
        {
            return null;
        }

        try
        {
            _ = MailTemplates.ReadAll(options.Templates, host);
            return Directory.Exists(Path.Combine(host.ContentRootPath, options.Templates))
                ? null
                : "Mail:Templates is no folder; create it, or leave it out.";
        }
        catch (StartupException exception)
        {
            return exception.Message;
        }
    }
}
