using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Pages;

/// <summary>A logo, as it is sent.</summary>
/// <param name="Content">The bytes of the file.</param>
/// <param name="MediaType">Its media type.</param>
internal sealed record Logo(byte[] Content, string MediaType);

/// <summary>Reads the logo of <see cref="BrandingOptions"/>, and refuses a start without it. Safe to share.</summary>
internal sealed class LogoReader(IHostEnvironment environment) : IValidateOptions<BrandingOptions>
{
    private const long LargestLogo = 256 * 1024;

    private static readonly Dictionary<string, string> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
    };

    public ValidateOptionsResult Validate(string? name, BrandingOptions options) =>
        TryRead(options, out _) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;

    /// <summary>Reads the logo, which is null if none is set. The problem as a sentence; null if there is none.</summary>
    public string? TryRead(BrandingOptions options, out Logo? logo)
    {
        logo = null;
        if (options.Logo.Length == 0)
        {
            return null;
        }

        var path = Path.Combine(environment.ContentRootPath, options.Logo);
        if (!MediaTypes.TryGetValue(Path.GetExtension(path), out var type))
        {
            return $"Branding:Logo is {path}; set it to a file of type .svg, .png, .jpg or .webp.";
        }

        try
        {
            if (new FileInfo(path).Length > LargestLogo)
            {
                return $"Branding:Logo is {path}, which has more than 256 KiB; set it to a smaller file.";
            }

            logo = new(File.ReadAllBytes(path), type);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"Branding:Logo is {path}, which can't be read; set it to a file of this machine.";
        }
    }
}
