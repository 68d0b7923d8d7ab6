using MimeKit;

namespace AuthServer.Mail;

/// <summary>Hands mails to a mail server or a folder. Used by one caller at a time.</summary>
internal interface IMailTransport
{
    /// <summary>Hands a mail over.</summary>
    /// <param name="id">The id of the mail, the same at each attempt.</param>
    /// <param name="message">The mail.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <exception cref="MailException">The mail was not taken.</exception>
    Task SendAsync(Guid id, MimeMessage message, CancellationToken ct);

    /// <summary>Releases connections after the last mail for now.</summary>
    Task ReleaseAsync(CancellationToken ct);
}

/// <summary>A mail that was not taken. The message is in our words and has no secret.</summary>
internal sealed class MailException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True if another attempt would be refused too.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>True if other mails would not be taken either for now.</summary>
    public bool IsOfTransport { get; init; }
}
