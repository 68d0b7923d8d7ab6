using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Accounts whose name is an email address with a domain of another script.</summary>
public sealed class MailboxTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Password = AuthServerApp.Password;

    [Theory]
    [InlineData("ada@b\u00fccher.example", "Ada@xn--bcher-kva.example")]
    [InlineData("bob@XN--BCHER-KVA.example", "bob@B\u00dcCHER.example")]
    [InlineData("eve@\u4f8b\u3048.example", "eve@xn--r8jz45g.example")]
    public async Task Mailbox_with_two_spellings_of_domain_is_one_account(string first, string second)
    {
        var http = shared.App.CreateClient();
        (await http.PostAsync("/register", new { username = first, password = Password })).ShouldBe(HttpStatusCode.Created);
        var taken = await http.PostAsync("/register", new { username = second, password = Password });
        await taken.ShouldBeProblemAsync(409, "username_taken");
        var login = await http.PostAsync("/login", new { username = second, password = Password });
        await login.ShouldBePairAsync();
    }
}
