namespace AuthServer.ExternalLogins;

/// <summary>The section <c>ExternalLogins</c>.</summary>
internal sealed class ExternalLoginOptions
{
    /// <summary>The other providers that users can log in by, by their ids.</summary>
    public Dictionary<string, ExternalProviderOptions> Providers { get; set; } = [];
}

/// <summary>The settings of a provider. Sources: OpenID Connect Core, RFC 6749.</summary>
internal sealed class ExternalProviderOptions
{
    /// <summary>A provider that is known by name, such as <c>google</c>; or <c>oidc</c> or <c>oauth</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The name on buttons; that of the type, or else the id, unless set.</summary>
    public string Name { get; set; } = "";

    /// <summary>The id of this server at the provider.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The secret of this server at the provider.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// The issuer: of <c>oidc</c>, whose metadata has everything else; and of <c>oauth</c>, if the provider names it in its
    /// answers.
    /// </summary>
    public string Issuer { get; set; } = "";

    /// <summary>The address that browsers are sent to, of <c>oauth</c>.</summary>
    public string AuthorizationEndpoint { get; set; } = "";

    /// <summary>The address that codes are redeemed at, of <c>oauth</c>.</summary>
    public string TokenEndpoint { get; set; } = "";

    /// <summary>The address that describes the user, of <c>oauth</c>.</summary>
    public string UserInfoEndpoint { get; set; } = "";

    /// <summary>The scopes to ask for, instead of the usual ones.</summary>
    public string[] Scopes { get; set; } = [];

    /// <summary>
    /// True if a verified address of the provider counts as verified here. Unless set, that is so for Google and Apple.
    /// </summary>
    public bool? TrustEmail { get; set; }

    /// <summary>
    /// True if a login that the provider says had more than one factor needs none here. Source: RFC 8176, <c>mfa</c>.
    /// </summary>
    public bool TrustMfa { get; set; }

    /// <summary>The members of the description of the user, of <c>oauth</c>.</summary>
    public ExternalClaimOptions Claims { get; set; } = new();

    /// <summary>Further settings of a provider that is known by name, such as <c>Tenant</c> of Microsoft.</summary>
    public Dictionary<string, string> Settings { get; set; } = [];
}

/// <summary>Members of a JSON document; a dot leads into an object, as in <c>response.id</c>.</summary>
internal sealed class ExternalClaimOptions
{
    /// <summary>The user's id, which never changes.</summary>
    public string Subject { get; set; } = "sub";

    /// <summary>The user's address.</summary>
    public string Email { get; set; } = "email";

    /// <summary>True if the provider has verified the address.</summary>
    public string EmailVerified { get; set; } = "email_verified";

    /// <summary>The user's name for display.</summary>
    public string Name { get; set; } = "name";

    /// <summary>The user's name at the provider.</summary>
    public string PreferredUsername { get; set; } = "preferred_username";
}
