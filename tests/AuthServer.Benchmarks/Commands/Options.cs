using System.Globalization;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The options of a command line, each given as <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> values = [];

    /// <summary>Parses a command line.</summary>
    /// <param name="arguments">The arguments after the command.</param>
    /// <param name="known">The names of the command's options, without dashes.</param>
    /// <exception cref="ArgumentException">An option is unknown or has no value.</exception>
    public Options(IReadOnlyList<string> arguments, params string[] known)
    {
        for (var at = 0; at < arguments.Count; at += 2)
        {
            var name = arguments[at].TrimStart('-');
            if (!arguments[at].StartsWith("--", StringComparison.Ordinal) || !known.Contains(name) || at + 1 == arguments.Count)
            {
                throw new ArgumentException(
                    $"{arguments[at]} is unknown or has no value. Options: --{string.Join(", --", known)}.");
            }

            values[name] = arguments[at + 1];
        }
    }

    /// <summary>True if the command line sets no option.</summary>
    public bool IsEmpty => values.Count == 0;

    public string Text(string name, string defaultValue) => values.GetValueOrDefault(name, defaultValue);

    /// <summary>Returns the positive integer of an option.</summary>
    /// <exception cref="ArgumentException">The value is not one positive integer.</exception>
    public int Number(string name, int defaultValue) => Numbers(name, defaultValue) is [var number]
        ? number
        : throw new ArgumentException($"--{name} must be a single number.");

    /// <summary>Returns the positive integers of an option, which are separated by commas.</summary>
    /// <exception cref="ArgumentException">A value is not a positive integer.</exception>
    public IReadOnlyList<int> Numbers(string name, params IReadOnlyList<int> defaultValue) =>
        values.TryGetValue(name, out var text) ? [.. text.Split(',').Select(number => ParseNumber(name, number))] : defaultValue;

    /// <summary>Returns the time of an option, which is given in seconds.</summary>
    /// <exception cref="ArgumentException">The value is not a number above 0 and up to 86,400, a day.</exception>
    public TimeSpan Seconds(string name, double defaultValue)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return TimeSpan.FromSeconds(defaultValue);
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= 86_400
                ? TimeSpan.FromSeconds(seconds)
                : throw new ArgumentException($"--{name} must be a number of seconds above 0 and up to 86400, not \"{text}\".");
    }

    /// <summary>Returns the items that an option names, separated by commas; all items if the option is not set.</summary>
    /// <exception cref="ArgumentException">The option names an unknown item, or none.</exception>
    public IReadOnlyList<T> Choose<T>(string name, IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return all;
        }

        var wanted = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var unknown = wanted.Except(all.Select(nameOf)).ToList();
        return unknown.Count == 0 && wanted.Length > 0
            ? [.. all.Where(item => wanted.Contains(nameOf(item)))]
            : throw new ArgumentException(
                $"--{name}: \"{string.Join(", ", unknown)}\" is unknown. Known: {string.Join(", ", all.Select(nameOf))}.");
    }

    private static int ParseNumber(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : throw new ArgumentException($"--{name} must be a positive integer, not \"{text}\".");
}
