namespace AuthServer.Hosting;

/// <summary>The section <c>Branding</c>: the company whose name is on pages and mails.</summary>
internal sealed class BrandingOptions
{
    private const string OurName = "AuthServer";

    /// <summary>
    /// Name on pages and mails, in authenticator apps and for passkeys, up to 64 characters; <c>AuthServer</c> unless set.
    /// </summary>
    public string Name { get; set; } = OurName;

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

    /// <summary>
    /// The name for apps and devices of users, which list servers; a host if no name is set, because it says more than ours.
    /// </summary>
    public string NameOrHost(string host) => Name == OurName ? host : Name;

    /// <summary>The address of the support as people write it; empty if there is none.</summary>
    public string SupportText()
    {
        var address = Support.StartsWith($"{Uri.UriSchemeMailto}:", StringComparison.OrdinalIgnoreCase)
            ? Support[(Uri.UriSchemeMailto.Length + 1)..].Split('?')[0]
            : Support;
        return address.Trim();
    }
}

internal static class BrandingServiceCollectionExtensions
{
    private const int MaxNameLength = 64;

    /// <summary>Adds the settings of the brand.</summary>
    public static void AddBranding(this IServiceCollection services) => services
        .AddValidatedOptions<BrandingOptions>("Branding")
        .Validate(
            o => o.Name.Trim().Length > 0 && o.Name.Length <= MaxNameLength && !o.Name.Any(char.IsControl),
            $"Branding:Name has to have 1 to {MaxNameLength} characters, and no control characters.")
        .Validate(
            o => IsLink(o.Terms) && IsLink(o.Privacy) && IsLink(o.Support, Uri.UriSchemeMailto),
            "Branding:Terms, Branding:Privacy or Branding:Support is no address; write them as https://example.com/terms, "
            + "and the last one as mailto:help@example.com if you like.");

    private static bool IsLink(string address, string? otherScheme = null) =>
        address.Length == 0
        || (!address.Any(char.IsControl)
            && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == otherScheme));
}
