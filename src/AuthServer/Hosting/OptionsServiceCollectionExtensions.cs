using System.Reflection;
using Microsoft.Extensions.Options;

namespace AuthServer.Hosting;

internal static class OptionsServiceCollectionExtensions
{
    /// <summary>
    /// Options of a configuration section that are read and checked at start. A setting that is unknown or can't be read is a
    /// failure like one that is out of its range: one sentence with the setting and the cure.
    /// </summary>
    public static OptionsBuilder<T> AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class =>
        services.AddOptions<T>()
            .Configure<IConfiguration>((options, configuration) => Read(options, configuration.GetSection(section)))
            .ValidateOnStart();

    private static void Read<T>(T options, IConfigurationSection section)
        where T : class
    {
        var members = typeof(T).GetProperties();
        var failures = section.GetChildren()
            .Where(setting => !Array.Exists(members, member => member.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase)))
            .Select(setting => $"{setting.Path} is unknown; {section.Path} has {string.Join(", ", members.Select(member => member.Name))}.")
            .ToList();
        foreach (var member in members)
        {
            var setting = section.GetSection(member.Name);
            if (!setting.Exists() || (setting.Value is "" && !setting.GetChildren().Any() && member.PropertyType != typeof(string)))
            {
                continue;
            }

            if (ValueOf(setting, member) is { } value)
            {
                member.SetValue(options, value);
            }
            else
            {
                failures.Add($"{setting.Path} can't be read; write it as {FormOf(setting, member)}.");
            }
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(T), failures);
        }
    }

    // Null for what can't be read, and for a single value where a list or numbered entries belong.
    private static object? ValueOf(IConfigurationSection setting, PropertyInfo member)
    {
        var isList = !member.PropertyType.IsValueType && member.PropertyType != typeof(string);
        if (isList && !string.IsNullOrEmpty(setting.Value))
        {
            return null;
        }

        try
        {
            return setting.Get(member.PropertyType);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string FormOf(IConfigurationSection setting, PropertyInfo member) =>
        member.PropertyType == typeof(TimeSpan) ? "hh:mm:ss or d.hh:mm:ss"
        : member.PropertyType == typeof(bool) ? "true or false"
        : member.PropertyType.IsEnum ? string.Join(" or ", Enum.GetNames(member.PropertyType)).ToLowerInvariant()
        : member.PropertyType == typeof(int) ? "a whole number"
        : member.PropertyType.IsArray ? $"{setting.Path}:0, {setting.Path}:1 and so on"
        : $"{setting.Path}:1, {setting.Path}:2 and so on";
}
