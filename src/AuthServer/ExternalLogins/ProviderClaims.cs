using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Storage;
using OpenIddict.Abstractions;
using static OpenIddict.Client.OpenIddictClientEvents;

namespace AuthServer.ExternalLogins;

/// <summary>Reads identities from the answers of providers.</summary>
internal static class ProviderClaims
{
    private const string Apple = "apple";

    private static readonly string[] TrustedForEmail = ["google", Apple];

    // Apple sends the name beside the code of the first login, and never again.
    private static readonly string[] NamesBesideCode = ["user.name.firstName", "user.name.lastName"];

    /// <summary>
    /// True if an identity token has expired, which the library does not check. Source: OpenID Connect Core §3.1.3.7.
    /// </summary>
    /// <param name="token">The claims of the token; null if the provider sends none.</param>
    /// <param name="now">The moment.</param>
    public static bool HasExpired(ClaimsPrincipal? token, DateTimeOffset now) =>
        token is not null
        && !(long.TryParse(token.GetClaim(OpenIddictConstants.Claims.ExpiresAt), CultureInfo.InvariantCulture, out var seconds)
            && now < DateTimeOffset.FromUnixTimeSeconds(seconds));

    /// <summary>Reads the identity of the user; null if the provider gives no id that can be stored.</summary>
    public static ExternalIdentity? Read(string provider, ExternalProviderOptions settings, ProcessAuthenticationContext context)
    {
        Func<string, string?> find = settings.Type == ExternalProviderTypes.OAuth
            ? path => FindIn(context.UserInfoResponse, path)
            : claim => FindIn(context.MergedPrincipal, claim);
        var names = settings.Claims;
        if (find(names.Subject) is not { Length: > 0 and <= ExternalIdentityRow.LongestSubject } subject
            || Username.Normalize(subject) is null)
        {
            return null;
        }

        var isTrusted = settings.TrustEmail
            ?? TrustedForEmail.Contains(settings.Type, StringComparer.OrdinalIgnoreCase);
        return new ExternalIdentity(
            provider,
            subject,
            find(names.Name) ?? (IsApple(settings) ? NameBesideCode(context.Request) : null),

            find(names.PreferredUsername),
            find(names.Email),
            isTrusted && bool.TryParse(find(names.EmailVerified), out var isVerified) && isVerified)
        {
            // In the identity token alone: what describes the user says nothing of this login.
            IsMultiFactor = settings.TrustMfa && context.BackchannelIdentityTokenPrincipal?.HasClaim("amr", "mfa") is true,
        };
    }

    // Providers that know no OpenID Connect have other names for these, which the library translates to the framework's.
    private static string? FindIn(ClaimsPrincipal? user, string claim) =>
        user?.FindFirst(claim)?.Value ?? claim switch
        {
            OpenIddictConstants.Claims.Subject => user?.FindFirst(ClaimTypes.NameIdentifier)?.Value,
            OpenIddictConstants.Claims.Email => user?.FindFirst(ClaimTypes.Email)?.Value,
            OpenIddictConstants.Claims.Name =>
                (user?.FindFirst(ClaimTypes.Name) ?? user?.FindFirst(OpenIddictConstants.Claims.Nickname))?.Value,
            _ => null,
        };

    private static bool IsApple(ExternalProviderOptions settings) =>
        settings.Type.Equals(Apple, StringComparison.OrdinalIgnoreCase);

    private static string? NameBesideCode(OpenIddictRequest? answer) =>
        string.Join(' ', NamesBesideCode.Select(path => FindIn(answer, path)).OfType<string>()) is { Length: > 0 } name
            ? name
            : null;

    private static string? FindIn(OpenIddictMessage? user, string path)
    {
        var parts = path.Split('.');
        if (user?.GetParameter(parts[0]) is not { } parameter)
        {
            return null;
        }

        var found = (JsonElement)parameter;
        foreach (var part in parts.Skip(1))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(part, out found))
            {
                return null;
            }
        }

        return found.ValueKind switch
        {
            JsonValueKind.String => found.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => found.GetRawText(),
            _ => null,
        };
    }
}
