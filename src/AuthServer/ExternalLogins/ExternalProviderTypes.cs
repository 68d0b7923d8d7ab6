namespace AuthServer.ExternalLogins;

/// <summary>Types of providers that are not known by name.</summary>
internal static class ExternalProviderTypes
{
    /// <summary>An issuer with metadata. Source: OpenID Connect Discovery.</summary>
    public const string OpenIdConnect = "oidc";

    /// <summary>An authorization server with a description of the user in JSON. Source: RFC 6749.</summary>
    public const string OAuth = "oauth";

    /// <summary>The problems of the settings of a provider, as sentences that begin with the setting.</summary>
    public static IEnumerable<string> ProblemsOf(string id, ExternalProviderOptions provider)
    {
        var section = $"ExternalLogins:Providers:{id}";
        if (!ExternalProviders.IsId(id))
        {
            yield return $"{section} has an id that is no part of an address; use up to 32 of a-z, 0-9 and the hyphen.";
        }

        if (provider.ClientId.Length == 0)
        {
            yield return $"{section}:ClientId is missing; the provider gives it out.";
        }

        switch (provider.Type)
        {
            case OpenIdConnect:
                if (!IsAddress(provider.Issuer))
                {
                    yield return $"{section}:Issuer must be the provider's address, with https unless it is of this machine.";
                }

                break;
            case OAuth:
                (string Name, string Value)[] endpoints =
                [
                    (nameof(provider.AuthorizationEndpoint), provider.AuthorizationEndpoint),
                    (nameof(provider.TokenEndpoint), provider.TokenEndpoint),
                    (nameof(provider.UserInfoEndpoint), provider.UserInfoEndpoint),
                ];
                if (provider.Issuer.Length > 0)
                {
                    endpoints = [.. endpoints, (nameof(provider.Issuer), provider.Issuer)];
                }

                foreach (var (name, _) in endpoints.Where(endpoint => !IsAddress(endpoint.Value)))
                {
                    yield return $"{section}:{name} must be an address, with https unless it is of this machine.";
                }

                break;
            case "":
                yield return $"{section}:Type is missing; write oidc, oauth or the name of a provider, such as google.";
                break;
            default:
                if (KnownProviders.Find(provider.Type) is not { } known)
                {
                    yield return $"{section}:Type is no provider that is known by name; write oidc and its Issuer instead.";
                }
                else if (provider.ClientSecret.Length == 0 && !KnownProviders.HasKey(known))
                {
                    yield return $"{section}:ClientSecret is missing; the provider gives it out.";
                }
                else if (KnownProviders.ProblemOf(known, provider.Settings) is { } problem)
                {
                    yield return $"{section}:{problem}";
                }

                break;
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri is { Fragment: "", UserInfo: "" };
}
