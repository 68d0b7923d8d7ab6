using System.Text;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The account page, which is also the login page of other front ends, and the client module it uses.</summary>
internal static class AccountPage
{
    private const string Page = "/index.html";
    private const string DocsLink = "<a href=\"docs\" data-text=\"docs\">API reference</a>";

    // The page reads from its root element by which transport it has to log in.
    private const string RootElement = "<html lang=\"en\">";
    private const string RootElementOfApplication = "<html lang=\"en\" data-transport=\"session\">";

    // Nothing inline, nothing from other origins, and no form that the browser would send without a script.
    private static readonly ContentSecurityPolicy Policy = new(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'");

    public static void MapAccountPage(this WebApplication app)
    {
        app.MapPageFiles(
            path => path != Page && !path.StartsWith(DocsPage.Folder, StringComparison.Ordinal), Policy);
        var hasDocs = app.Services.GetRequiredService<IOptions<DocsOptions>>().Value.Enabled;
        var text = hasDocs ? PageFiles.ReadPage(Page) : PageFiles.ReadPage(Page).Replace(DocsLink, "", StringComparison.Ordinal);
        var page = Encoding.UTF8.GetBytes(text);
        var pageOfApplication = Encoding.UTF8.GetBytes(
            text.Replace(RootElement, RootElementOfApplication, StringComparison.Ordinal));
        app.MapMethods("/", PageFiles.Methods, IResult (HttpRequest request, ReturnAddresses addresses) =>
        {
            // The page goes where its own address says, so no other address reaches it.
            if (request.Query.TryGetValue(ReturnAddresses.Parameter, out var given)
                && (given is not [{ } address] || !addresses.Allow(address, TrustedOrigins.OwnOf(request))))
            {
                return TypedResults.Redirect("./");
            }

            var isOfApplication = given is [{ } allowed] && addresses.IsOfApplication(allowed);
            return TypedResults.Bytes(isOfApplication ? pageOfApplication : page, "text/html; charset=utf-8");
        }).WithMetadata(Policy).ExcludeFromDescription();
    }
}
