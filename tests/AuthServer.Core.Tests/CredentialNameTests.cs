namespace AuthServer.Core.Tests;

/// <summary>Names of credentials in notices.</summary>
public sealed class CredentialNameTests
{
    [Theory]
    [InlineData(CredentialName.Totp, null, "totp")]
    [InlineData(CredentialName.Passkey, "Phone", "passkey:Phone")]
    [InlineData(CredentialName.Passkey, "Phone: the old one", "passkey:Phone: the old one")]
    [InlineData(CredentialName.ExternalLogin, "google", "external_login:google")]
    public void Name_is_read_as_it_was_written(string kind, string? name, string text)
    {
        var credential = new CredentialName(kind, name);
        Assert.Equal(text, credential.ToString());
        Assert.Equal(credential, CredentialName.Parse(text));
    }
}
