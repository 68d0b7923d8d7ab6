using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Passwords that are built from words of the service.</summary>
public sealed class PasswordWordsTests
{
    [Theory]
    [InlineData("authserver2026")]
    [InlineData("AuthServer!")]
    [InlineData("acme-portal1")]
    [InlineData("Zweitausendeins.de")]
    [InlineData("zweitausendeins99")]
    public async Task Password_of_words_of_service_is_refused(string password)
    {
        await using var app = new AuthServerApp(
            ("Tokens:Issuer", "https://login.zweitausendeins.de"),
            ("Passwords:ContextWords:0", "Acme"),
            ("Passwords:ContextWords:1", "portal"));
        var answer = await app.CreateClient().PostAsync("/register", new { username = "ada", password });
        await answer.ShouldBeInvalidAsync("password");
    }
}
