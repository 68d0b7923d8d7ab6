using AuthServer.Core;
using AuthServer.Mail;

namespace AuthServer.Tests;

/// <summary>Words of mails for credentials that were added or removed.</summary>
public sealed class CredentialTextsTests
{
    public static MatrixTheoryData<string, string> KindsAndLanguages { get; } = new(
        [
            CredentialName.Totp, CredentialName.RecoveryCodes, CredentialName.TwoSteps, CredentialName.Passkey,
            CredentialName.ExternalLogin,
        ],
        MailTemplates.Languages);

    [Theory]
    [MemberData(nameof(KindsAndLanguages))]
    public void Each_credential_has_words_in_each_language(string kind, string language)
    {
        var text = CredentialTexts.Of($"{new CredentialName(kind, "Phone {0}")}", language, id => id);
        Assert.DoesNotContain(kind + ":", text, StringComparison.Ordinal);
        Assert.Equal(
            kind is CredentialName.Passkey or CredentialName.ExternalLogin, text.Contains("Phone {0}", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_credential_is_shown_as_it_is() =>
        Assert.Equal("TOTP", CredentialTexts.Of("TOTP", "en", id => id));
}
