using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace AuthServer.Hosting;

internal static class OptionsServiceCollectionExtensions
{
    /// <summary>
    /// Adds options of a configuration section, which are read and validated at start. A setting fails if it can't be read or
    /// breaks a validation attribute of its property; defaults are not validated. The message is one sentence with the setting
    /// and the cure. A property of a class of ours is a section of its own, and so is each entry of a dictionary of them. <see
    /// cref="SettingNames"/> finds unknown settings.
    /// </summary>
    public static OptionsBuilder<T> AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSettingNames(section, typeof(T));
        return services.AddOptions<T>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                var failures = new List<string>();
                Read(options, configuration.GetSection(section), failures);
                if (failures.Count > 0)
                {
                    throw new OptionsValidationException(section, typeof(T), failures);
                }
            })
            .ValidateOnStart();
    }

    private static void AddSettingNames(this IServiceCollection services, string section, Type type)
    {
        services.AddSingleton(new SettingNames(section, [.. type.GetProperties().Select(member => member.Name)]));
        foreach (var member in type.GetProperties())
        {
            if (IsSection(member.PropertyType))
            {
                services.AddSettingNames($"{section}:{member.Name}", member.PropertyType);
            }
            else if (EntryOf(member) is { } entry)
            {
                services.AddSettingNames($"{section}:{member.Name}:{SettingNames.AnyName}", entry);
            }
        }
    }

    // A class of ours is a section in the section.
    private static bool IsSection(Type type) => type.IsClass && !typeof(IEnumerable).IsAssignableFrom(type);

    // The class of the entries of a dictionary of sections; null for any other property.
    private static Type? EntryOf(PropertyInfo member) =>
        typeof(IDictionary).IsAssignableFrom(member.PropertyType)
        && member.PropertyType.GenericTypeArguments is [_, var entry] && IsSection(entry)
            ? entry
            : null;

    private static void Read(object options, IConfigurationSection section, List<string> failures)
    {
        foreach (var member in options.GetType().GetProperties())
        {
            var setting = section.GetSection(member.Name);
            var isEmpty = setting.Value is "" && !setting.GetChildren().Any() && member.PropertyType != typeof(string);
            if (!setting.Exists() || isEmpty)
            {
                continue;
            }

            if (IsSection(member.PropertyType) && string.IsNullOrEmpty(setting.Value))
            {
                Read(member.GetValue(options)!, setting, failures);
            }
            else if (EntryOf(member) is { } type && string.IsNullOrEmpty(setting.Value))
            {
                var entries = (IDictionary)member.GetValue(options)!;
                foreach (var child in setting.GetChildren())
                {
                    var entry = Activator.CreateInstance(type)!;
                    Read(entry, child, failures);
                    entries[child.Key] = entry;
                }
            }
            else if (member.PropertyType == typeof(TimeSpan) && int.TryParse(setting.Value, out var number) && number != 0)
            {
                failures.Add($"{setting.Path} would be {number} days; write it as {FormOf(setting, member)}.");
            }
            else if (ValueOf(setting, member) is { } value)
            {
                member.SetValue(options, value);
                failures.AddRange(member.GetCustomAttributes<ValidationAttribute>()
                    .Where(rule => !rule.IsValid(value))
                    .Select(rule => rule.FormatErrorMessage(setting.Path)));
            }
            else
            {
                failures.Add($"{setting.Path} can't be read; write it as {FormOf(setting, member)}.");
            }
        }
    }

    // Null if the setting can't be read, or is a single value instead of a list or numbered entries.
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
        : IsSection(member.PropertyType)
            ? string.Join(" and ", member.PropertyType.GetProperties().Select(part => $"{setting.Path}:{part.Name}"))
        : member.PropertyType.IsArray ? $"{setting.Path}:0, {setting.Path}:1 and so on"
        : $"{setting.Path}:1, {setting.Path}:2 and so on";
}
