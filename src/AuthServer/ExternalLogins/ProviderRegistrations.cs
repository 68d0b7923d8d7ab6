using System.Text;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace AuthServer.ExternalLogins;

/// <summary>
/// Configures the library: a registration for each provider, and the keys of its states. These are derived from the root keys, so
/// each node can read the states of every other one.
/// </summary>
internal sealed class ProviderRegistrations(
    IOptions<ExternalLoginOptions> options, ServerKeys keys, TimeProvider clock) : IConfigureOptions<OpenIddictClientOptions>
{
    private const string Purpose = "external login state";

    // Without them, these say nothing but the user's id.
    private static readonly string[] StandardScopes = [Scopes.Email, Scopes.Profile];
    private static readonly string[] WithStandardScopes = ["google", "microsoft"];

    // Enough for a login with a new password and a second factor at the provider.
    private static readonly TimeSpan StateLifetime = TimeSpan.FromMinutes(15);

    /// <summary>The path of the address that a provider sends the browser back to.</summary>
    public static string CallbackOf(string provider) => $"login/external/{provider}/callback";

    public void Configure(OpenIddictClientOptions client)
    {
        client.TimeProvider = clock;
        client.DisableTokenStorage = true;
        client.StateTokenLifetime = StateLifetime;
        client.TokenValidationParameters.ClockSkew = TimeSpan.Zero;
        client.GrantTypes.Add(GrantTypes.AuthorizationCode);
        client.ResponseTypes.Add(ResponseTypes.Code);
        client.ResponseModes.UnionWith([ResponseModes.Query, ResponseModes.FormPost]);
        client.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);

        // The library makes states with the first key, and reads them with all.
        var root = keys.Root;
        foreach (var number in root.Numbers.OrderByDescending(number => number == root.Current))
        {
            client.EncryptionCredentials.Add(new(
                KeyOf(root.Derive(number, $"{Purpose} encryption"), number),
                SecurityAlgorithms.Aes256KW,
                SecurityAlgorithms.Aes256CbcHmacSha512));
            client.SigningCredentials.Add(new(
                KeyOf(root.Derive(number, $"{Purpose} signature"), number), SecurityAlgorithms.HmacSha256));
        }

        foreach (var (id, provider) in options.Value.Providers)
        {
            client.Registrations.Add(RegistrationOf(id, provider));
            client.RedirectionEndpointUris.Add(new Uri(CallbackOf(id), UriKind.Relative));
        }
    }

    private static SymmetricSecurityKey KeyOf(byte[] key, byte number) => new(key) { KeyId = $"{number}" };

    private static OpenIddictClientRegistration RegistrationOf(string id, ExternalProviderOptions provider)
    {
        var registration = new OpenIddictClientRegistration
        {
            RegistrationId = id,
            ProviderName = id,
            ClientId = provider.ClientId,
            ClientSecret = provider.ClientSecret.Length > 0 ? provider.ClientSecret : null,
            RedirectUri = new Uri(CallbackOf(id), UriKind.Relative),
        };
        registration.Scopes.UnionWith(provider.Scopes);
        switch (provider.Type)
        {
            case ExternalProviderTypes.OpenIdConnect:
                registration.Issuer = new Uri(provider.Issuer);
                registration.TokenValidationParameters.IssuerSigningKeys = KeysOf(provider);
                if (provider.Scopes.Length == 0)
                {
                    registration.Scopes.UnionWith(StandardScopes);
                }

                break;
            case ExternalProviderTypes.OAuth:
                registration.Issuer = new Uri(
                    provider.Issuer.Length > 0 ? provider.Issuer
                        : new Uri(provider.AuthorizationEndpoint).GetLeftPart(UriPartial.Authority));
                registration.Configuration = ConfigurationOf(provider);
                break;
            default:
                KnownProviders.Find(provider.Type)!.Apply(registration, provider.Settings);
                if (provider.Scopes.Length == 0 && WithStandardScopes.Contains(provider.Type, StringComparer.OrdinalIgnoreCase))
                {
                    registration.Scopes.UnionWith(StandardScopes);
                }

                break;
        }

        return registration;
    }

    // Some issuers, such as LINE, sign with the client's secret. Source: OpenID Connect Core §3.1.3.7.
    private static SecurityKey[] KeysOf(ExternalProviderOptions provider) =>
        provider.ClientSecret.Length > 0 ? [new SymmetricSecurityKey(Encoding.UTF8.GetBytes(provider.ClientSecret))] : [];

    private static OpenIddictConfiguration ConfigurationOf(ExternalProviderOptions provider) => new()
    {
        AuthorizationEndpoint = new Uri(provider.AuthorizationEndpoint),
        AuthorizationResponseIssParameterSupported = provider.Issuer.Length > 0,
        TokenEndpoint = new Uri(provider.TokenEndpoint),
        UserInfoEndpoint = new Uri(provider.UserInfoEndpoint),
        CodeChallengeMethodsSupported = { CodeChallengeMethods.Sha256 },
        GrantTypesSupported = { GrantTypes.AuthorizationCode },
        ResponseTypesSupported = { ResponseTypes.Code },
        ResponseModesSupported = { ResponseModes.Query },
        TokenEndpointAuthMethodsSupported = { ClientAuthenticationMethods.ClientSecretPost },
    };
}
