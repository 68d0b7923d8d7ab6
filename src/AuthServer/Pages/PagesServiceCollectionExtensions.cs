using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>The section <c>Playground</c>.</summary>
internal sealed class PlaygroundOptions
{
    /// <summary>True to serve the page for developers; true in Development unless set, false elsewhere.</summary>
    public bool Enabled { get; set; }
}

internal static class PagesServiceCollectionExtensions
{
    /// <summary>Adds what the pages are made of.</summary>
    public static void AddPages(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<BrandingOptions>().Validate(
            o => o.Color.Length == 0 || PageColor.TryParse(o.Color, out _),
            "Branding:Color can't be read; write it as # and six hexadecimal digits, such as #2d5bd7.");
        services.AddSingleton<LogoReader>();
        services.AddSingleton<IValidateOptions<BrandingOptions>>(p => p.GetRequiredService<LogoReader>());
        services.AddValidatedOptions<PlaygroundOptions>("Playground");
        if (builder.Environment.IsDevelopment() && !builder.Configuration.GetSection("Playground:Enabled").Exists())
        {
            services.Configure<PlaygroundOptions>(o => o.Enabled = true);
        }

        services.AddSingleton<Branding>();
        services.AddSingleton<PageTemplate>();
        services.AddSingleton<PlaygroundFeedService>();
    }
}
