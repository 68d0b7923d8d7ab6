using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;

namespace AuthServer.Mail;

/// <summary>Makes mails, and the links in them. Safe to share.</summary>
internal sealed class MailComposer(
    MailTemplates templates,
    ServerKeys keys,
    UsableProviders providers,
    IOptions<MailOptions> options,
    IOptions<TokenOptions> tokens,
    IOptions<BrandingOptions> branding)
{
    private readonly Uri issuer = new(tokens.Value.Issuer);

    /// <summary>Makes a mail. Each call makes another link, and all of them work once.</summary>
    public MimeMessage Compose(ClaimedMail claimed)
    {
        var (mail, user) = (claimed.Mail, claimed.User);
        var text = templates.Of(mail.Kind, user.Locale)
            .Render(NameOf(mail, user), DetailOf(mail, user), LinkOf(mail), branding.Value);
        var message = new MimeMessage
        {
            Subject = text.Subject,
            Date = mail.CreatedAt,

            // The same at each attempt, so that a mail which was taken twice is shown once.
            MessageId = $"{mail.Id}@{issuer.IdnHost}",
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = text.Text },
                new TextPart(TextFormat.Html) { Text = text.Html },
            },
        };
        message.From.Add(Sender());
        message.To.Add(new MailboxAddress(name: null, mail.Address));

        // Source: RFC 3834 §5.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        return message;
    }

    // A name in Mail:From counts more than that of the brand. The library encodes either.
    private MailboxAddress Sender()
    {
        var sender = MailboxAddress.Parse(options.Value.From);
        if (string.IsNullOrEmpty(sender.Name))
        {
            sender.Name = branding.Value.Name;
        }

        return sender;
    }

    private string DetailOf(MailRow mail, UserRow user) => mail switch
    {
        { Kind: MailKind.ReauthenticationCode } => MailCode.Of(mail.Id, keys.Root),
        { Kind: MailKind.FactorAdded or MailKind.FactorRemoved, Detail: { } credential } =>
            CredentialTexts.Of(credential, MailTemplates.LanguageOf(user.Locale), providers.NameOf),
        _ => mail.Detail ?? "",
    };

    private string? LinkOf(MailRow mail)
    {
        if (MailKinds.LifetimeOf(mail.Kind) is not { } lifetime)
        {
            return null;
        }

        var link = new MailLink(
            mail.Kind,
            mail.Id,
            mail.UserId,
            mail.SecurityStamp,
            mail.SessionId ?? Guid.Empty,
            mail.Address,
            mail.CreatedAt + lifetime);
        var token = link.Seal(RandomNumberGenerator.GetBytes(SealedValue.NonceLength), keys.Root);

        // After the #, because browsers send no fragment: neither to this server's log nor to another page.
        return $"{tokens.Value.Issuer.TrimEnd('/')}/#link={token}";
    }

    // The row of a deleted account has no name any more.
    private static string NameOf(MailRow mail, UserRow user) =>
        mail is { Kind: MailKind.AccountDeleted, Detail: { } name } ? name : user.ToMailName();
}
