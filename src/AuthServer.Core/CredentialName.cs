namespace AuthServer.Core;

/// <summary>A way to prove an identity, as the notice of its change names it in any language.</summary>
/// <param name="Kind">One of the constants.</param>
/// <param name="Name">The name that the user gave it, or the provider's id; null for a kind that an account has once.</param>
public sealed record CredentialName(string Kind, string? Name = null)
{
    /// <summary>An authenticator app.</summary>
    public const string Totp = "totp";

    /// <summary>The recovery codes.</summary>
    public const string RecoveryCodes = "recovery_codes";

    /// <summary>The second step of logins.</summary>
    public const string TwoSteps = "two_step_login";

    /// <summary>A passkey.</summary>
    public const string Passkey = "passkey";

    /// <summary>An identity at another provider.</summary>
    public const string ExternalLogin = "external_login";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static CredentialName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(':', 2) is [var kind, var name] ? new(kind, name) : new(text);
    }

    /// <summary>The kind, and behind a colon the name if there is one.</summary>
    public override string ToString() => Name is null ? Kind : $"{Kind}:{Name}";
}
