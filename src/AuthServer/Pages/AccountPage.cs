using AuthServer.Http;
using AuthServer.Observability;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>
/// The account page, which is also the login page of other front ends, the pages for developers, and the client module that they
/// use.
/// </summary>
internal static class AccountPage
{
    private const string Page = "/index.html";
    private const string Playground = "/playground";

    // Nothing inline, nothing from other origins, and no form that the browser would send without a script.
    private static readonly ContentSecurityPolicy Policy = new(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'");

    // An SVG that is opened on its own is a document of this origin: it keeps its styles and pictures, and runs no script.
    private static readonly ContentSecurityPolicy LogoPolicy = new(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'");

    public static void MapAccountPage(this WebApplication app)
    {
        var hasPlayground = app.Services.GetRequiredService<IOptions<PlaygroundOptions>>().Value.Enabled;
        app.MapPageFiles(
            path => !path.StartsWith(DocsPage.Folder, StringComparison.Ordinal)
                && (hasPlayground || !path.StartsWith(Playground, StringComparison.Ordinal)),
            Policy);
        app.MapBrand();

        var template = app.Services.GetRequiredService<PageTemplate>();
        var page = new Lazy<byte[]>(() => template.Render(Page));
        var pageOfApplication = new Lazy<byte[]>(() => template.Render(Page, isOfApplication: true));
        app.MapMethods("/", PageFiles.Methods, IResult (HttpRequest request, ReturnAddresses addresses) =>
        {
            // The page goes where its own address says, so no other address reaches it.
            if (request.Query.TryGetValue(ReturnAddresses.Parameter, out var given)
                && (given is not [{ } address] || !addresses.Allow(address, TrustedOrigins.OwnOf(request))))
            {
                return TypedResults.Redirect("./");
            }

            var isOfApplication = given is [{ } allowed] && addresses.IsOfApplication(allowed);
            return PageFiles.Send((isOfApplication ? pageOfApplication : page).Value);
        }).WithMetadata(Policy).ExcludeFromDescription();

        // The address that password managers know. Source: A Well-Known URL for Changing Passwords, W3C.
        app.MapMethods("/.well-known/change-password", PageFiles.Methods, () => TypedResults.Redirect("../#password"))
            .WithMetadata(Policy).ExcludeFromDescription();
        if (hasPlayground)
        {
            app.MapPage(Playground, template.Render(Playground + Page), Policy);
            app.MapPlaygroundFeed().WithMetadata(Policy);
        }

        if (app.Services.GetRequiredService<IOptions<DocsOptions>>().Value.Enabled)
        {
            app.MapPage(DocsPage.Path, template.Render(DocsPage.Path + Page), DocsPage.Policy);
        }
    }

    private static void MapBrand(this WebApplication app)
    {
        var branding = app.Services.GetRequiredService<Branding>();
        if (branding.Logo is { } logo)
        {
            app.MapFile("/account/logo", logo.Content, logo.MediaType).WithMetadata(LogoPolicy).ExcludeFromDescription();
        }

        if (branding.Styles is { } styles)
        {
            app.MapFile("/account/brand.css", System.Text.Encoding.UTF8.GetBytes(styles), "text/css; charset=utf-8")
                .ExcludeFromDescription();
        }

        if (branding.Color is { } color && color.ContrastTo(PageColor.White) is < PageColor.ReadableContrast and var contrast)
        {
            app.Logger.BrandColorPale(color.ToString(), Math.Round(contrast, 1));
        }
    }
}
