using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Client;
using OpenIddict.Client.WebIntegration;

namespace AuthServer.ExternalLogins;

/// <summary>A provider that the library knows by name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The library's id of it.</param>
/// <param name="Settings">The library's class of its settings.</param>
internal sealed record KnownProvider(string Name, string Type, Type Settings);

/// <summary>The providers that the library knows by name. It is loaded only if a provider is configured.</summary>
internal static class KnownProviders
{
    private const string KeyId = "KeyId";

    /// <summary>Finds a provider by its name in any case; null if there is none.</summary>
    public static KnownProvider? Find(string name)
    {
        const BindingFlags flags = BindingFlags.Public | BindingFlags.Static | BindingFlags.IgnoreCase;
        return typeof(OpenIddictClientWebIntegrationConstants.ProviderTypes).GetField(name, flags) is { } field
            && typeof(OpenIddictClientWebIntegrationSettings).GetNestedType(field.Name) is { } settings
                ? new KnownProvider(field.Name, (string)field.GetRawConstantValue()!, settings)
                : null;
    }

    /// <summary>Makes a registration one of the provider.</summary>
    /// <param name="known">The provider.</param>
    /// <param name="registration">The registration, with what all providers have in common.</param>
    /// <param name="values">The provider's own settings.</param>
    public static void Apply(
        this KnownProvider known, OpenIddictClientRegistration registration, IReadOnlyDictionary<string, string> values)
    {
        var settings = Activator.CreateInstance(known.Settings)!;
        foreach (var (name, value) in values.Where(pair => pair.Key != KeyId))
        {
            var member = MemberOf(known, name)!;
            member.SetValue(settings, Parse(value, member.PropertyType, values.GetValueOrDefault(KeyId)));
        }

        registration.ProviderType = known.Type;
        registration.ProviderSettings = settings;
    }

    /// <summary>The sentence about a setting that the provider does not have, or that can't be read; null for none.</summary>
    public static string? ProblemOf(KnownProvider known, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values.Where(pair => pair.Key != KeyId))
        {
            if (MemberOf(known, name) is not { } member)
            {
                var names = known.Settings.GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal);
                return $"Settings:{name} is none of {known.Name}, which has {string.Join(", ", names)}.";
            }

            try
            {
                _ = Parse(value, member.PropertyType, keyId: null);
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException
                or CryptographicException or InvalidCastException)
            {
                return $"Settings:{name} can't be read as {FormOf(member.PropertyType)}.";
            }
        }

        return null;
    }

    /// <summary>True if a client of the provider proves itself by a key, which is one of its settings.</summary>
    public static bool HasKey(KnownProvider known) =>
        Array.Exists(known.Settings.GetProperties(), member => typeof(SecurityKey).IsAssignableFrom(member.PropertyType));

    private static PropertyInfo? MemberOf(KnownProvider known, string name) =>
        known.Settings.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);

    private static string FormOf(Type type) =>
        typeof(SecurityKey).IsAssignableFrom(type) ? "a private key in PEM" : type == typeof(Uri) ? "an address" : "text";

    private static object Parse(string value, Type type, string? keyId)
    {
        if (typeof(SecurityKey).IsAssignableFrom(type))
        {
#pragma warning disable CA2000 // The registration keeps it for as long as the server runs.
            var key = ECDsa.Create();
#pragma warning restore CA2000
            // In the environment, a line break is hard to write.
            key.ImportFromPem(value.Replace("\\n", "\n", StringComparison.Ordinal));
            return new ECDsaSecurityKey(key) { KeyId = keyId };
        }

        return type == typeof(Uri)
            ? new Uri(value, UriKind.Absolute)
            : Convert.ChangeType(value, Nullable.GetUnderlyingType(type) ?? type, CultureInfo.InvariantCulture);
    }
}
