using AuthServer.ExternalLogins;

namespace AuthServer.Tests;

/// <summary>Sentences about wrong settings of a provider.</summary>
public sealed class ExternalSettingTests
{
    private static readonly string[] Google = ["Type=google", "ClientId=1", "ClientSecret=s"];
    private static readonly string[] Apple = ["Type=apple", "ClientId=1"];
    private static readonly string[] OpenIdConnect = ["Type=oidc", "ClientId=1", "Issuer=https://issuer.example.com"];

    private static readonly string[] OAuth =
    [
        "Type=oauth", "ClientId=1", "AuthorizationEndpoint=https://a.example.com", "TokenEndpoint=http://localhost:1",
        "UserInfoEndpoint=https://a.example.com/me",
    ];

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("oidc")]
    [InlineData("oauth")]
    [InlineData("oauth", "Issuer=https://a.example.com")]
    public void Right_settings_have_no_problem(string provider, params string[] more) =>
        Assert.Empty(ProblemsOf("acme", [.. SettingsOf(provider), .. more]));

    [Theory]
    [InlineData("google", "ClientId=", "ClientId is missing; the provider gives it out.")]
    [InlineData("google", "ClientSecret=", "ClientSecret is missing; the provider gives it out.")]
    [InlineData("google", "Type=", "Type is missing; write oidc, oauth or the name of a provider, such as google.")]
    [InlineData("google", "Type=gogle", "Type is no provider that is known by name; write oidc and its Issuer instead.")]
    [InlineData("google", "Settings:Tenant=a", "Settings:Tenant is none of Google, which has")]
    [InlineData("apple", "Settings:SigningKey=a", "Settings:SigningKey can't be read as a private key in PEM.")]
    [InlineData("oidc", "Issuer=", "Issuer must be the provider's address, with https unless it is of this machine.")]
    [InlineData("oidc", "Issuer=http://issuer.example.com", "Issuer must be")]
    [InlineData("oidc", "Issuer=https://user@issuer.example.com", "Issuer must be")]
    [InlineData("oauth", "TokenEndpoint=/token", "TokenEndpoint must be an address, with https unless it is of this machine.")]
    [InlineData("oauth", "UserInfoEndpoint=", "UserInfoEndpoint must be")]
    [InlineData("oauth", "Issuer=acme", "Issuer must be")]
    public void Wrong_setting_is_named(string provider, string setting, string sentence)
    {
        var problem = Assert.Single(ProblemsOf("acme", [.. SettingsOf(provider), setting]));
        Assert.StartsWith($"ExternalLogins:Providers:acme:{sentence}", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Acme")]
    [InlineData("acme login")]
    [InlineData("-acme")]
    [InlineData("acme-0123456789012345678901234567")]
    public void Id_that_is_no_part_of_address_is_refused(string id) => Assert.Contains(
        "has an id that is no part of an address", Assert.Single(ProblemsOf(id, Google)), StringComparison.Ordinal);

    private static string[] SettingsOf(string provider) =>
        provider switch { "google" => Google, "apple" => Apple, "oidc" => OpenIdConnect, _ => OAuth };

    private static List<string> ProblemsOf(string id, string[] settings)
    {
        var options = new ExternalProviderOptions();
        foreach (var (name, value) in settings.Select(setting => setting.Split('=')).Select(parts => (parts[0], parts[1])))
        {
            if (name.StartsWith("Settings:", StringComparison.Ordinal))
            {
                options.Settings.Add(name["Settings:".Length..], value);
            }
            else
            {
                typeof(ExternalProviderOptions).GetProperty(name)!.SetValue(options, value);
            }
        }

        return [.. ExternalProviderTypes.ProblemsOf(id, options)];
    }
}
