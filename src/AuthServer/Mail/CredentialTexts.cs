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
        [(CredentialName.Passkey, "en")] = "passkey \"{0}\"",
        [(CredentialName.Passkey, "ko")] = "패스키 \"{0}\"",
        [(CredentialName.ExternalLogin, "en")] = "linked account \"{0}\"",
        [(CredentialName.ExternalLogin, "ko")] = "연결된 계정 \"{0}\"",
    };

    /// <summary>The words for a credential in one of <see cref="MailTemplates.Languages"/>.</summary>
    public static string Of(string detail, string language)
    {
        var credential = CredentialName.Parse(detail);
        return Formats.TryGetValue((credential.Kind, language), out var format)
            ? string.Format(CultureInfo.InvariantCulture, format, credential.Name)
            : detail;
    }
}
