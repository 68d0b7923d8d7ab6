using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The account page and the client module it uses.</summary>
internal static class AccountPage
{
    // Nothing inline, nothing from other origins, and no form that the browser would send without a script.
    private static readonly ContentSecurityPolicy Policy = new(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'");

    private const string DocsLink = "<a href=\"docs\" data-text=\"docs\">API reference</a>";

    public static void MapAccountPage(this WebApplication app) => app.MapPageFiles(
        path => !path.StartsWith(DocsPage.Folder, StringComparison.Ordinal),
        Policy,
        leftOut: app.Services.GetRequiredService<IOptions<DocsOptions>>().Value.Enabled ? null : DocsLink);
}
