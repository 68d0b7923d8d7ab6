using System.CommandLine;

namespace AuthServer.Commands;

/// <summary>Settings of the server in the arguments of a command, such as <c>--Data:Directory=/var/lib/authserver</c>.</summary>
internal static class Settings
{
    /// <summary>Option for every setting, because the parser does not know their names.</summary>
    public static readonly Option<string[]> Option = new("--setting")
    {
        Description = "A setting of the server, such as Data:Directory=/var/lib/authserver. "
            + "--Data:Directory=/var/lib/authserver does the same.",
        HelpName = "Section:Key=VALUE",
        Recursive = true,
    };

    /// <summary>Puts the option before each setting.</summary>
    /// <param name="arguments">The arguments; a setting is <c>--Section:Key=value</c> or <c>--Section:Key value</c>.</param>
    public static IEnumerable<string> Mark(IReadOnlyList<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if (!IsSetting(arguments[at]))
            {
                yield return arguments[at];
                continue;
            }

            yield return Option.Name;
            var setting = arguments[at][2..];
            if (setting.Contains('=', StringComparison.Ordinal))
            {
                yield return setting;
            }
            else if (at + 1 < arguments.Count)
            {
                yield return $"{setting}={arguments[++at]}";
            }
        }
    }

    /// <summary>The first argument that is neither a setting nor the value of one; null if there is none.</summary>
    public static string? FirstWordOf(IReadOnlyList<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            var isKey = argument.StartsWith("--", StringComparison.Ordinal) || argument.StartsWith('/');
            if (argument.Contains('=', StringComparison.Ordinal))
            {
                continue;
            }

            if (!isKey)
            {
                return argument;
            }

            at++;
        }

        return null;
    }

    /// <summary>Settings of a parsed line, as arguments of a server.</summary>
    public static string[] Of(ParseResult parsed) => [.. (parsed.GetValue(Option) ?? []).Select(setting => "--" + setting)];

    private static bool IsSetting(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && word.Split('=', 2)[0].Contains(':', StringComparison.Ordinal);
}
