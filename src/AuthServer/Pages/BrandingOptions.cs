using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>The section <c>Branding</c>: the company whose name is on the pages.</summary>
internal sealed class BrandingOptions
{
    /// <summary>Name above the login and in the title of the pages, up to 64 characters; <c>AuthServer</c> unless set.</summary>
    public string Name { get; set; } = "AuthServer";

    /// <summary>Path of a file with the logo, in the content root unless it is absolute; empty unless set, for ours.</summary>
    public string Logo { get; set; } = "";

    /// <summary>Colour of buttons and links, such as <c>#2d5bd7</c>; empty unless set, for ours.</summary>
    public string Color { get; set; } = "";

    /// <summary>Address of the terms of service; empty unless set, for no link.</summary>
    public string Terms { get; set; } = "";

    /// <summary>Address of the privacy policy; empty unless set, for no link.</summary>
    public string Privacy { get; set; } = "";

    /// <summary>Address of the support, also as <c>mailto:</c>; empty unless set, for no link.</summary>
    public string Support { get; set; } = "";
}

/// <summary>The section <c>Playground</c>.</summary>
internal sealed class PlaygroundOptions
{
    /// <summary>True to serve the page for developers; true in Development unless set, false elsewhere.</summary>
    public bool Enabled { get; set; }
}

internal static class PagesServiceCollectionExtensions
{
    private const int MaxNameLength = 64;

    /// <summary>Adds what the pages are made of.</summary>
    public static void AddPages(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<BrandingOptions>("Branding")
            .Validate(
                o => o.Name.Trim().Length > 0 && o.Name.Length <= MaxNameLength && !o.Name.Any(char.IsControl),
                $"Branding:Name has to have 1 to {MaxNameLength} characters, and no control characters.")
            .Validate(
                o => o.Color.Length == 0 || PageColor.TryParse(o.Color, out _),
                "Branding:Color can't be read; write it as # and six hexadecimal digits, such as #2d5bd7.")
            .Validate(
                o => IsLink(o.Terms) && IsLink(o.Privacy) && IsLink(o.Support, "mailto"),
                "Branding:Terms, Branding:Privacy or Branding:Support is no address; write them as https://example.com/terms, "
                + "and the last one as mailto:help@example.com if you like.");
        services.AddSingleton<LogoReader>();
        services.AddSingleton<IValidateOptions<BrandingOptions>>(p => p.GetRequiredService<LogoReader>());
        services.AddValidatedOptions<PlaygroundOptions>("Playground");
        if (builder.Environment.IsDevelopment() && !builder.Configuration.GetSection("Playground:Enabled").Exists())
        {
            services.Configure<PlaygroundOptions>(o => o.Enabled = true);
        }

        services.AddSingleton<Branding>();
        services.AddSingleton<PageTemplate>();
    }

    private static bool IsLink(string address, string? otherScheme = null) =>
        address.Length == 0
        || (Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == otherScheme));
}
