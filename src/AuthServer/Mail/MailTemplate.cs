using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Hosting;

namespace AuthServer.Mail;

/// <summary>A mail as its reader gets it.</summary>
/// <param name="Subject">The subject, one line.</param>
/// <param name="Text">The plain text.</param>
/// <param name="Html">The same as HTML, without images and scripts. Its addresses are the link and that of the support.</param>
internal sealed record MailText(string Subject, string Text, string Html);

/// <summary>
/// The text of a kind of mail in a language. The file has a line <c>Subject:</c>, an empty line and paragraphs. In these
/// <c>{{account}}</c> is the account, and <c>{{detail}}</c> the device of a login or the former name. The subject may have
/// <c>{{name}}</c>, the name of the brand, as paragraphs may. A paragraph <c>{{link}}</c> is the link. It is a button too in
/// HTML, with the text of a line <c>Button:</c> after the subject.
/// </summary>
internal sealed partial class MailTemplate
{
    private const string Link = "{{link}}";

    private readonly string subject;
    private readonly string button;
    private readonly string language;
    private readonly string[] paragraphs;
    private readonly string layout;

    private MailTemplate(string subject, string button, string language, string[] paragraphs, string layout) =>
        (this.subject, this.button, this.language, this.paragraphs, this.layout) =
            (subject, button, language, paragraphs, layout);

    /// <summary>Reads a template.</summary>
    /// <param name="text">The content of its file.</param>
    /// <param name="language">Its language.</param>
    /// <param name="hasLink">True if mails of its kind have a link.</param>
    /// <param name="layout">The HTML around the paragraphs.</param>
    /// <returns>
    /// The template; null if the text has no subject or no paragraph, or not exactly the button and the link that it needs.
    /// </returns>
    public static MailTemplate? Parse(string text, string language, bool hasLink, string layout)
    {
        const StringSplitOptions Options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        var parts = text.ReplaceLineEndings("\n").Split("\n\n", Options);
        return parts is [var head, .. var paragraphs] && paragraphs.Length > 0
            && HeaderOf(head, "Subject") is { } subject
            && (HeaderOf(head, "Button") ?? (hasLink ? null : "")) is { } button
            && paragraphs.Count(one => one == Link) == (hasLink ? 1 : 0)
            && !paragraphs.Any(one => one != Link && one.Contains(Link, StringComparison.Ordinal))
            ? new MailTemplate(subject, button, language, paragraphs, layout)
            : null;
    }

    /// <summary>Makes the text for an account.</summary>
    /// <param name="account">The name of the account, which its user may have chosen to deceive the reader.</param>
    /// <param name="detail">A few words of the mail's own.</param>
    /// <param name="link">The link; null for a mail without one.</param>
    /// <param name="brand">The brand.</param>
    public MailText Render(string account, string detail, string? link, BrandingOptions brand)
    {
        var shown = paragraphs.Where(one => one != Link || link is not null).ToArray();
        string Filled(string one) => Fill(one, name => name switch
        {
            "account" => account,
            "detail" => detail,
            "name" => brand.Name,
            _ => null,
        });

        var support = brand.SupportText();
        var (textFooter, htmlFooter) = support.Length == 0 ? ("", "") : (
            $"\n\n{brand.Name} · {support}",
            $"<p class=\"foot\">{Encode(brand.Name)} · <a href=\"{Encode(brand.Support)}\">{Encode(support)}</a></p>");
        var text = string.Join("\n\n", shown.Select(one => one == Link ? link : Filled(one)));
        var html = string.Join('\n', shown.Select(one => one == Link ? ButtonOf(link!) : $"<p>{Encode(Filled(one))}</p>"));
        var title = Fill(subject, name => name == "name" ? brand.Name : null);
        var page = Fill(layout, name => name switch
        {
            "language" => language,
            "subject" => Encode(title),
            "name" => Encode(brand.Name),
            "body" => html,
            "footer" => htmlFooter,
            _ => null,
        });
        return new MailText(title, $"{text}{textFooter}\n", page);
    }

    private string ButtonOf(string link) =>
        $"<p><a class=\"button\" href=\"{Encode(link)}\">{Encode(button)}</a></p>\n<p class=\"link\">{Encode(link)}</p>";

    // In one pass, so that a value is never taken for a placeholder.
    private static string Fill(string text, Func<string, string?> valueOf) =>
        Placeholder().Replace(text, match => valueOf(match.Groups[1].Value) ?? match.Value);

    private static string Encode(string text) => WebUtility.HtmlEncode(text).Replace("\n", "<br>", StringComparison.Ordinal);

    private static string? HeaderOf(string head, string name) => head.Split('\n')
        .Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault(value => value.Length > 0);

    [GeneratedRegex(@"\{\{(\w+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
