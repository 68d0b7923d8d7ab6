using System.Buffers.Text;
using AuthServer.Http;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Passkeys;

/// <summary>The section <c>Passkeys</c>.</summary>
internal sealed class PasskeyOptions
{
    /// <summary>
    /// The domain that passkeys are for, which is that of the pages or a parent of it; empty for the host of
    /// <c>Tokens:Issuer</c>. Passkeys of another domain can't be used any more.
    /// </summary>
    public string Domain { get; set; } = "";

    /// <summary>Origins beyond the server's own and <c>Cors:Origins</c>, such as those of Android applications.</summary>
    public string[] Origins { get; set; } = [];
}

/// <summary>Checks of the section <c>Passkeys</c>. Settings that are not set are not checked.</summary>
internal sealed class PasskeyOptionsValidation : IValidateOptions<PasskeyOptions>
{
    private const string AndroidPrefix = "android:apk-key-hash:";
    private const int HashLength = 32;

    public ValidateOptionsResult Validate(string? name, PasskeyOptions options)
    {
        if (options.Domain.Length > 0 && !IsDomain(options.Domain))
        {
            return ValidateOptionsResult.Fail(
                "Passkeys:Domain is no domain; write it like example.com: in lower case, without a scheme, a port or a path.");
        }

        return Array.TrueForAll(options.Origins, IsOrigin)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "Passkeys:Origins has an entry that is no origin; write them like https://app.example.com, or "
                + $"{AndroidPrefix} and the SHA-256 of the certificate in base64url.");
    }

    private static bool IsDomain(string text) =>
        Uri.CheckHostName(text) == UriHostNameType.Dns && !text.EndsWith('.') && TrustedOrigins.IsOrigin($"https://{text}");

    // Source: https://developer.android.com/identity/sign-in/credential-manager, the origin of an application.
    private static bool IsOrigin(string text)
    {
        if (!text.StartsWith(AndroidPrefix, StringComparison.Ordinal))
        {
            return TrustedOrigins.IsOrigin(text);
        }

        var hash = text.AsSpan(AndroidPrefix.Length);
        return Base64Url.IsValid(hash, out var length) && length == HashLength && !hash.Contains('=');
    }
}

/// <summary>The domain of passkeys. Safe to share.</summary>
internal static class PasskeyDomain
{
    /// <summary>The domain as it is set, or the host of the issuer.</summary>
    public static string Of(PasskeyOptions options, TokenOptions tokens) =>
        options.Domain.Length > 0 ? options.Domain : new Uri(tokens.Issuer).IdnHost;

    /// <summary>The origin of the issuer, as browsers write it.</summary>
    public static string OwnOriginOf(TokenOptions tokens)
    {
        var issuer = new Uri(tokens.Issuer);
        return $"{issuer.Scheme}://{issuer.IdnHost}{(issuer.IsDefaultPort ? "" : $":{issuer.Port}")}";
    }
}
