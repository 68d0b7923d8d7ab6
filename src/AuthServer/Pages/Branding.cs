using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>The brand of the pages, made from its settings once. Safe to share.</summary>
internal sealed class Branding
{
    // The grounds of account.css on which links stand, in its light and its dark theme: those of least contrast.
    private static readonly PageColor LightGround = new(0xec, 0xef, 0xf3);
    private static readonly PageColor DarkGround = new(0x22, 0x27, 0x31);

    public Branding(IOptions<BrandingOptions> options, LogoReader logos)
    {
        Settings = options.Value;
        logos.TryRead(Settings, out var logo);
        Logo = logo;
        if (PageColor.TryParse(Settings.Color, out var color))
        {
            Color = color;
            Styles = StylesOf(color);
        }
    }

    public BrandingOptions Settings { get; }

    /// <summary>The logo; null for ours.</summary>
    public Logo? Logo { get; }

    /// <summary>The colour; null for ours.</summary>
    public PageColor? Color { get; }

    /// <summary>The style sheet that replaces our colour; null if there is none.</summary>
    public string? Styles { get; }

    private static string StylesOf(PageColor color)
    {
        var strong = color.ReadableOn(color.TextOnIt(), color.TextOnIt().Opposite(), PageColor.EnhancedContrast);
        return $$"""
            :root { {{VariablesOf(color, PageColor.ReadableContrast)}} }
            @media (prefers-contrast: more) { :root { {{VariablesOf(strong, PageColor.EnhancedContrast)}} } }

            """;
    }

    private static string VariablesOf(PageColor color, double contrast)
    {
        var (onLight, onDark) = (
            color.ReadableOn(LightGround, PageColor.Black, contrast), color.ReadableOn(DarkGround, PageColor.White, contrast));
        return $"--accent: {color}; --on-accent: {color.TextOnIt()}; --link: light-dark({onLight}, {onDark});";
    }
}
