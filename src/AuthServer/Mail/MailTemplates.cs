using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Mail;

/// <summary>
/// The texts of all mails, from <c>Mail:Templates</c> or else our own. They are read when the first mail is made. Safe to share.
/// </summary>
internal sealed class MailTemplates(IOptions<MailOptions> options, IHostEnvironment host)
{
    /// <summary>The languages of our texts. The first is for accounts without one of these.</summary>
    public static readonly IReadOnlyList<string> Languages = ["en", "ko"];

    private const string Resources = "mail/";

    private readonly Lazy<Dictionary<(MailKind, string), MailTemplate>> all = new(() => ReadAll(options.Value.Templates, host));

    /// <summary>The text of a kind in the language of an account.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="locale">The locale of the account, such as <c>ko-KR</c>; null for none.</param>
    public MailTemplate Of(MailKind kind, string? locale) => all.Value[(kind, LanguageOf(locale))];

    /// <summary>The language of the texts for an account.</summary>
    /// <inheritdoc cref="Of" path="/param[@name='locale']"/>
    public static string LanguageOf(string? locale)
    {
        var language = locale?.Split('-')[0].ToLowerInvariant();
        return Languages.Contains(language) ? language! : Languages[0];
    }

    /// <summary>Reads the texts of a folder, to find what is wrong with them at start.</summary>
    /// <param name="templates">The folder, absolute or below the content root; empty for our own texts alone.</param>
    /// <param name="host">The environment.</param>
    /// <exception cref="StartupException">A file can't be used.</exception>
    public static Dictionary<(MailKind Kind, string Language), MailTemplate> ReadAll(string templates, IHostEnvironment host)
    {
        var folder = templates.Length == 0 ? "" : Path.Combine(host.ContentRootPath, templates);
        var layout = Read(folder, "layout.html");
        return Enum.GetValues<MailKind>().SelectMany(kind => Languages, (kind, language) => (kind, language)).ToDictionary(
            pair => pair,
            pair =>
            {
                var file = $"{MailKinds.NameOf(pair.kind)}.{pair.language}.txt";
                var hasLink = MailKinds.LifetimeOf(pair.kind) is not null;
                return MailTemplate.Parse(Read(folder, file), pair.language, hasLink, layout) ?? throw new StartupException(
                    $"{file} in Mail:Templates needs a line Subject:, an empty line and a text"
                    + (hasLink ? ", with a line Button: and one paragraph {{link}}." : ", without a link."));
            });
    }

    private static string Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (folder.Length > 0 && File.Exists(path))
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"{path} can't be read; let the server read it, or remove it.");
            }
        }

        using var stream = typeof(MailTemplates).Assembly.GetManifestResourceStream(Resources + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
