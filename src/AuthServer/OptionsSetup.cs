using System.Reflection;
using Microsoft.Extensions.Options;

namespace AuthServer;

internal static class OptionsSetup
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
            try
            {
                member.SetValue(options, setting.Exists() ? setting.Get(member.PropertyType) : member.GetValue(options));
            }
            catch (InvalidOperationException)
            {
                failures.Add($"{setting.Path} can't be read; write it as {FormOf(member)}.");
            }
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(T), failures);
        }
    }

    private static string FormOf(PropertyInfo member) =>
        member.PropertyType == typeof(TimeSpan) ? "hh:mm:ss or d.hh:mm:ss"
        : member.PropertyType == typeof(bool) ? "true or false"
        : member.PropertyType.IsEnum ? string.Join(" or ", Enum.GetNames(member.PropertyType)).ToLowerInvariant()
        : "a whole number";
}
