using System.Text;
using System.Text.Encodings.Web;
using AuthServer.Accounts;
using AuthServer.Credentials;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>
/// Makes pages from their templates, once at start. A page has the brand and what the server offers, so that it is right at
/// its first paint, and asks for nothing more. Nothing of it is secret. Safe to share.
/// </summary>
internal sealed class PageTemplate(
    Branding branding,
    IOptions<AccountOptions> accounts,
    IOptions<PasswordOptions> passwords,
    IOptions<DocsOptions> docs,
    IOptions<PlaygroundOptions> playground)
{
    private const string RootElement = "<html lang=\"en\">";

    private static readonly HtmlEncoder Html = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    /// <summary>Makes a page.</summary>
    /// <param name="path">The path of its template, such as <c>/index.html</c>.</param>
    /// <param name="isOfApplication">True if the page has to log in by the session cookie.</param>
    public byte[] Render(string path, bool isOfApplication = false)
    {
        var (settings, hasLogo) = (branding.Settings, branding.Logo is not null);
        var name = Html.Encode(settings.Name);
        var icon = hasLogo ? "account/logo" : "account/icon.svg";
        var text = new StringBuilder(PageFiles.ReadPage(path))
            .Replace(RootElement, RootElementOf(isOfApplication))
            .Replace("{{name}}", name)
            .Replace("{{icon}}", icon)
            .Replace("{{brand}}", $"<img src=\"{icon}\" alt=\"\" height=\"28\"><span>{name}</span>")
            .Replace(
                "{{styles}}",
                branding.Styles is null ? "" : "<link rel=\"stylesheet\" href=\"account/brand.css\">")
            .Replace("{{links}}", string.Concat(
                LinkTo(settings.Terms, "terms"),
                LinkTo(settings.Privacy, "privacy"),
                LinkTo(settings.Support, "support"),
                docs.Value.Enabled ? LinkTo("docs", "docs") : "",
                playground.Value.Enabled ? LinkTo("playground", "playground") : ""));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private string RootElementOf(bool isOfApplication) => string.Concat(
        "<html lang=\"en\"",
        $" data-minimum=\"{passwords.Value.MinimumLength}\"",
        accounts.Value.Registration ? "" : " data-registration=\"closed\"",
        accounts.Value.RequireVerifiedEmail ? " data-email=\"required\"" : "",
        accounts.Value.LoginByMail ? " data-mail=\"on\"" : "",
        isOfApplication ? " data-transport=\"session\"" : "",
        ">");

    private static string LinkTo(string address, string text) =>
        address.Length == 0 ? "" : $"<a href=\"{Html.Encode(address)}\" data-text=\"{text}\"></a>\n    ";
}
