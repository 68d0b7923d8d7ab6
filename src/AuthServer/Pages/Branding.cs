using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>A logo, as it is sent.</summary>
/// <param name="Content">The bytes of the file.</param>
/// <param name="MediaType">Its media type.</param>
internal sealed record Logo(byte[] Content, string MediaType);

/// <summary>The brand of the pages, made from its settings once. Safe to share.</summary>
internal sealed class Branding
{
    private const long LargestLogo = 256 * 1024;

    // The grounds of account.css on which links stand, in its light and its dark theme: those of least contrast.
    private static readonly PageColor LightGround = new(0xec, 0xef, 0xf3);
    private static readonly PageColor DarkGround = new(0x22, 0x27, 0x31);

    private static readonly Dictionary<string, string> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
    };

    /// <exception cref="StartupException">The logo can't be read.</exception>
    public Branding(IOptions<BrandingOptions> options, IHostEnvironment environment)
    {
        Settings = options.Value;
        Logo = Settings.Logo.Length == 0 ? null : ReadLogo(Path.Combine(environment.ContentRootPath, Settings.Logo));
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
        var (onLight, onDark) = (
            color.ReadableOn(LightGround, PageColor.Black), color.ReadableOn(DarkGround, PageColor.White));
        return $":root {{ --accent: {color}; --on-accent: {color.TextOnIt()}; --link: light-dark({onLight}, {onDark}); }}\n";
    }

    private static Logo ReadLogo(string path)
    {
        if (!MediaTypes.TryGetValue(Path.GetExtension(path), out var type))
        {
            throw new StartupException($"Branding:Logo is {path}; set it to a file of type .svg, .png, .jpg or .webp.");
        }

        try
        {
            var file = new FileInfo(path);
            return file.Length <= LargestLogo
                ? new(File.ReadAllBytes(path), type)
                : throw new StartupException($"Branding:Logo is {path}, which has more than 256 KiB; set it to a smaller file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Branding:Logo is {path}, which can't be read; set it to a file of this machine.");
        }
    }
}
