using Microsoft.Extensions.Configuration.CommandLine;

namespace AuthServer.Hosting;

/// <summary>The names of the settings of a section.</summary>
/// <param name="Section">
/// The section, such as <c>Sessions</c>. A part <see cref="AnyName"/> stands for every section in the one before it.
/// </param>
/// <param name="Members">Its settings, such as <c>Grace</c>.</param>
internal sealed record SettingNames(string Section, IReadOnlyList<string> Members)
{
    /// <summary>Stands for the names of sections that an operator chooses.</summary>
    public const string AnyName = "*";

    // Keys of the framework, and of what it runs on.
    private static readonly string[] Framework =
    [
        "urls", "http_ports", "https_ports", "Kestrel", "Logging", "AllowedHosts", "environment", "contentRoot",
        "applicationName", "webRoot", "hostBuilder", "shutdownTimeoutSeconds", "startupTimeoutSeconds",
    ];

    private static readonly string[] FrameworkPrefixes = ["OTEL_", "DOTNET_", "ASPNETCORE_"];

    /// <summary>True if other programs have settings in the section too, which count if they are nearly ours.</summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// Finds settings whose name is none. In one of our sections and on the command line every name counts. Elsewhere, such as in
    /// the environment, a section counts if its name is nearly one of ours.
    /// </summary>
    /// <exception cref="StartupException">
    /// There are such settings; the message has a line for each, with the nearest right name.
    /// </exception>
    public static void ThrowIfUnknown(IConfiguration configuration, IReadOnlyList<SettingNames> sections)
    {
        var unknown = ((IConfigurationRoot)configuration).Providers
            .SelectMany(provider => Unknown(provider, sections)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            throw new StartupException(string.Join('\n', unknown)) { ExitCode = StartupException.Invalid };
        }
    }

    private static IEnumerable<string> Unknown(IConfigurationProvider provider, IReadOnlyList<SettingNames> sections) =>
        ChildrenOf(provider, parent: null).Where(key => !IsOfFramework(key)).SelectMany(key =>
            sections.Where(names => names.IsIn(key)).ToList() is [_, ..] known
                ? known.SelectMany(section => section.Unknown(provider))
                : UnknownSection(provider, key, sections));

    // True of a section of that name, and of the sections in it.
    private bool IsIn(string name) => Section.Split(':')[0].Equals(name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> UnknownSection(
        IConfigurationProvider provider, string key, IReadOnlyList<SettingNames> sections)
    {
        if (provider is CommandLineConfigurationProvider)
        {
            // Of names that are equally near, the first is meant.
            (string Written, string Meant)[] addresses = [("url", "urls"), ("urls", "urls")];
            var names = addresses
                .Concat(sections.Select(names => (Written: names.Section, Meant: names.Section)))
                .Concat(sections.SelectMany(names => names.Members.Select(
                    member => (Written: member, Meant: $"{names.Section}:{member}"))))
                .DistinctBy(name => name.Written).ToDictionary(name => name.Written, name => name.Meant);
            yield return Describe(
                key, Spelling.Nearest(key, names.Keys) is { } written ? names[written] : null, "the guide lists all of them");
        }
        else if (Spelling.Nearest(key, sections.Select(names => names.Section)) is { } nearest
            && ChildrenOf(provider, key).Any())
        {
            yield return Describe(key, nearest, "");
        }
    }

    private IEnumerable<string> Unknown(IConfigurationProvider provider) => SectionsIn(provider)
        .SelectMany(section => Unknown(provider, section));

    private IEnumerable<string> SectionsIn(IConfigurationProvider provider)
    {
        var parts = Section.Split($":{AnyName}");
        IEnumerable<string> found = [parts[0]];
        foreach (var part in parts.Skip(1))
        {
            found = found.SelectMany(parent => ChildrenOf(provider, parent).Select(child => $"{parent}:{child}{part}"));
        }

        return found;
    }

    private IEnumerable<string> Unknown(IConfigurationProvider provider, string section) => ChildrenOf(provider, section)
        .Where(key => !Members.Contains(key, StringComparer.OrdinalIgnoreCase))
        .Where(key => !IsShared || provider is CommandLineConfigurationProvider || Spelling.Nearest(key, Members) is not null)
        .Select(key => Describe(
            $"{section}:{key}",
            Spelling.Nearest(key, Members) is { } nearest ? $"{section}:{nearest}" : null,
            $"{section} has {string.Join(", ", Members)}"));

    private static string Describe(string key, string? nearest, string known) =>
        $"{key} is no setting; {(nearest is null ? $"{known}." : $"did you mean {nearest}?")}";

    private static IEnumerable<string> ChildrenOf(IConfigurationProvider provider, string? parent) =>
        provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase);

    private static bool IsOfFramework(string key) =>
        Framework.Contains(key, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(FrameworkPrefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
