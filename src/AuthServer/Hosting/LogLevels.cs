namespace AuthServer.Hosting;

/// <summary>The levels of the section <c>Logging</c>, in which the framework refuses a wrong one without its name.</summary>
internal static class LogLevels
{
    private const string Section = "Logging";
    private const string Levels = "LogLevel";

    /// <summary>Reads all levels: those of <c>Logging:LogLevel</c>, and those of single providers.</summary>
    /// <exception cref="StartupException">One can't be read; the message has a line for each.</exception>
    public static void ThrowIfUnreadable(IConfiguration configuration)
    {
        var logging = configuration.GetSection(Section);
        var failures = logging.GetChildren().Select(provider => provider.GetSection(Levels)).Prepend(logging.GetSection(Levels))
            .SelectMany(FailuresOf).ToList();
        if (failures.Count > 0)
        {
            throw new StartupException(string.Join('\n', failures));
        }
    }

    private static IEnumerable<string> FailuresOf(IConfigurationSection levels)
    {
        var forms = string.Join(" or ", Enum.GetNames<LogLevel>()).ToLowerInvariant();
        if (!string.IsNullOrEmpty(levels.Value))
        {
            yield return $"{levels.Path} has a level, but no category; set {levels.Path}:Default.";
        }

        foreach (var level in levels.GetChildren().Where(level => !string.IsNullOrEmpty(level.Value)))
        {
            if (!Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out var read) || !Enum.IsDefined(read))
            {
                yield return $"{level.Path} can't be read; write it as {forms}.";
            }
        }
    }
}
