using System.Globalization;
using AuthServer.Core;

namespace AuthServer.Mail;

/// <summary>The words of mails for ways to prove an identity.</summary>
internal static class CredentialTexts
{
    private static readonly Dictionary<(string Kind, string Language), string> Formats = new()
    {
        [(CredentialName.Totp, "en")] = "authenticator app",
        [(CredentialName.Totp, "ko")] = "인증 앱",
        [(CredentialName.RecoveryCodes, "en")] = "recovery codes",
        [(CredentialName.RecoveryCodes, "ko")] = "복구 코드",
        [(CredentialName.TwoSteps, "en")] = "two-step login",
        [(CredentialName.TwoSteps, "ko")] = "2단계 인증",
        [(CredentialName.Passkey, "en")] = "passkey “{0}”",
        [(CredentialName.Passkey, "ko")] = "패스키 ‘{0}’",
        [(CredentialName.ExternalLogin, "en")] = "{0} account",
        [(CredentialName.ExternalLogin, "ko")] = "{0} 계정",
    };

    /// <summary>The words for a credential in one of <see cref="MailTemplates.Languages"/>.</summary>
    /// <param name="detail">The text of a <see cref="CredentialName"/>.</param>
    /// <param name="language">The language.</param>
    /// <param name="nameOfProvider">The name on buttons of another provider, by its id.</param>
    public static string Of(string detail, string language, Func<string, string> nameOfProvider)
    {
        var credential = CredentialName.Parse(detail);
        if (credential is { Kind: CredentialName.ExternalLogin, Name: { } id })
        {
            credential = credential with { Name = nameOfProvider(id) };
        }

        return Formats.TryGetValue((credential.Kind, language), out var format)
            ? string.Format(CultureInfo.InvariantCulture, format, credential.Name)
            : detail;
    }
}
