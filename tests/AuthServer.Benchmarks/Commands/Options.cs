using System.Globalization;

namespace AuthServer.Benchmarks.Commands;

/// <summary>What the command line says as <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> values = [];

    /// <exception cref="ArgumentException">The line has an option that is not known, or one without a value.</exception>
    public Options(IReadOnlyList<string> arguments, params string[] known)
    {
        for (var at = 0; at < arguments.Count; at += 2)
        {
            var name = arguments[at].TrimStart('-');
            if (!arguments[at].StartsWith("--", StringComparison.Ordinal) || !known.Contains(name) || at + 1 == arguments.Count)
            {
                throw new ArgumentException($"{arguments[at]} is no option with a value. Known are --{string.Join(", --", known)}.");
            }

            values[name] = arguments[at + 1];
        }
    }

    /// <summary>Whether everything is as it is unless set.</summary>
    public bool IsEmpty => values.Count == 0;

    public string Text(string name, string unlessSet) => values.GetValueOrDefault(name, unlessSet);

    /// <exception cref="ArgumentException">It is no whole number above 0.</exception>
    public int Number(string name, int unlessSet) => Numbers(name, unlessSet) is [var one]
        ? one
        : throw new ArgumentException($"--{name} takes one number.");

    /// <summary>Numbers with commas between them.</summary>
    /// <exception cref="ArgumentException">One is no whole number above 0.</exception>
    public IReadOnlyList<int> Numbers(string name, params IReadOnlyList<int> unlessSet) =>
        values.TryGetValue(name, out var text) ? [.. text.Split(',').Select(one => ParseNumber(name, one))] : unlessSet;

    /// <exception cref="ArgumentException">It is no number above 0, or more than a day.</exception>
    public TimeSpan Seconds(string name, double unlessSet) => TimeSpan.FromSeconds(
        !values.TryGetValue(name, out var text) ? unlessSet
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 86_400 ? value
        : throw new ArgumentException($"--{name} {text} is no number of seconds above 0, up to those of a day."));

    /// <summary>Those of a list that the option names, all unless it is set.</summary>
    /// <exception cref="ArgumentException">It names one that is not there.</exception>
    public IReadOnlyList<T> Choose<T>(string name, IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return all;
        }

        var wanted = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var unknown = wanted.Except(all.Select(nameOf)).ToList();
        return unknown.Count == 0 && wanted.Length > 0
            ? [.. all.Where(one => wanted.Contains(nameOf(one)))]
            : throw new ArgumentException($"--{name} knows no \"{string.Join(", ", unknown)}\"; there are {string.Join(", ", all.Select(nameOf))}.");
    }

    private static int ParseNumber(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : throw new ArgumentException($"--{name} {text} is no whole number above 0.");
}
