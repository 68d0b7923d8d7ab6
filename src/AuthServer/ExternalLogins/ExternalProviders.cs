using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace AuthServer.ExternalLogins;

/// <summary>A provider that users can log in by.</summary>
/// <param name="Id">Its id, which is part of addresses.</param>
/// <param name="Name">Its name on buttons.</param>
internal sealed record ExternalProvider(string Id, string Name);

/// <summary>The configured providers, by name. Safe to share.</summary>
internal sealed partial class ExternalProviders(IOptions<ExternalLoginOptions> options)
{
    private readonly ExternalProvider[] all =
    [
        .. options.Value.Providers
            .Select(pair => new ExternalProvider(pair.Key, NameOf(pair.Key, pair.Value)))
            .OrderBy(provider => provider.Name, StringComparer.Ordinal),
    ];

    /// <summary>All providers, by name.</summary>
    public IReadOnlyList<ExternalProvider> All => all;

    /// <summary>Finds a provider; null if there is none of that id.</summary>
    public ExternalProvider? Find(string id) => Array.Find(all, provider => provider.Id == id);

    /// <summary>True if a text can be the id of a provider.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    private static string NameOf(string id, ExternalProviderOptions provider) =>
        provider.Name.Length > 0 ? provider.Name : KnownProviders.Find(provider.Type)?.Name ?? id;

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,31}$")]
    private static partial Regex Id();
}
