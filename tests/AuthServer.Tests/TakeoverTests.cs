using System.Net;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Ways into the account of another person by mails and addresses.</summary>
public sealed class TakeoverTests : IAsyncLifetime
{
    private const string Confirm = "Confirm your email address";
    private const string Reset = "Set a new password";
    private const string Address = "ada@example.org";
    private const string OfMallory = "unrelated words of mallory";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;

    public TakeoverTests() => app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData("/password/forgot", Reset)]
    [InlineData("/login/link", "Your login link")]
    public async Task Link_is_of_issuer_whatever_host_is_named(string path, string subject)
    {
        await VerifiedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { Host = "mallory.example" },
            Content = HttpAssertions.Json(new { username = "ada" }),
        };
        request.Headers.Add("X-Forwarded-Host", "mallory.example");
        (await app.CreateClient().SendAsync(request, Ct)).ShouldBe(HttpStatusCode.Accepted);
        var mail = await mailbox.FindAsync(subject);
        Assert.NotEmpty(Mailbox.TokenOf(mail));
        Assert.DoesNotContain("mallory", mail.TextBody + mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_to_set_password_is_void_after_change_of_credentials()
    {
        var ada = await VerifiedAsync();
        var token = await ForgetAsync("ada");
        var change = new { currentPassword = AuthServerApp.Password, newPassword = "analytical engine number two" };
        (await ada.SendAsync(HttpMethod.Post, "/password", change)).ShouldBe(HttpStatusCode.NoContent);
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");
        await (await LogInAsync("ada", change.newPassword)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Former_address_gets_no_link_and_its_link_is_void()
    {
        var ada = await VerifiedAsync();
        var token = await ForgetAsync("ada");
        (await ada.SendAsync(HttpMethod.Post, "/email", new { email = "new@example.org" })).ShouldBe(HttpStatusCode.Accepted);
        var confirm = Mailbox.TokenOf(await mailbox.FindAsync(Confirm));
        (await ada.Http.PostAsync("/email/confirm", new { token = confirm })).ShouldBe(HttpStatusCode.NoContent);
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");

        // Nothing is sent to the address, and what is asked for by the name goes to the new one.
        (await ada.Http.PostAsync("/password/forgot", new { username = Address })).ShouldBe(HttpStatusCode.Accepted);
        (await ada.Http.PostAsync("/password/forgot", new { username = "ada" })).ShouldBe(HttpStatusCode.Accepted);
        var mail = await mailbox.FindAsync(Reset);
        Assert.Equal("new@example.org", mail.To.Mailboxes.Single().Address);
    }

    [Theory]
    [InlineData("mallory", Address)]
    [InlineData(Address, null)]
    public async Task Claim_to_address_of_another_account_gets_nothing_of_it(string username, string? email)
    {
        // As an address without a proof, or as a name in the form of one.
        var http = app.CreateClient();
        (await http.PostAsync("/register", new { username, password = OfMallory, email })).ShouldBe(HttpStatusCode.Created);
        var claim = Mailbox.TokenOf(await mailbox.FindAsync(Confirm));
        await VerifiedAsync();

        var inspected = await (await http.PostAsync("/links/inspect", new { token = await ForgetAsync(Address) }))
            .ShouldBeJsonAsync();
        Assert.Equal("ada", inspected.GetProperty("username").GetString());
        await (await LogInAsync(Address, OfMallory)).ShouldBeProblemAsync(401, "invalid_credentials");
        var owner = new LoggedInDevice(http, await (await LogInAsync(Address, AuthServerApp.Password)).ShouldBePairAsync());
        Assert.Equal("ada", owner.Claims.GetProperty("preferred_username").GetString());
        await (await http.PostAsync("/email/confirm", new { token = claim })).ShouldBeProblemAsync(409, "email_taken");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(
            user => user.VerifiedEmail == Address && user.Username == "ada", Ct)));
    }

    [Fact]
    public async Task Owner_of_address_takes_back_account_that_confirmed_it()
    {
        // The owner of the address has pressed the button, though the page named another account.
        var http = app.CreateClient();
        await http.PostAsync("/register", new { username = "mallory", password = OfMallory, email = Address });
        var claim = Mailbox.TokenOf(await mailbox.FindAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token = claim })).ShouldBe(HttpStatusCode.NoContent);
        var mallory = new LoggedInDevice(http, await (await LogInAsync("mallory", OfMallory)).ShouldBePairAsync());
        (await ResetAsync(await ForgetAsync(Address))).ShouldBe(HttpStatusCode.NoContent);
        await (await mallory.PresentAsync(mallory.Pair.RefreshToken)).ShouldBeEndedAsync("password_changed");
        await (await LogInAsync("mallory", OfMallory)).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    private async Task<LoggedInDevice> VerifiedAsync()
    {
        var http = app.CreateClient();
        var account = new { username = "ada", password = AuthServerApp.Password, email = Address };
        (await http.PostAsync("/register", account)).ShouldBe(HttpStatusCode.Created);
        var token = Mailbox.TokenOf(await mailbox.FindAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync("ada");
    }

    private async Task<string> ForgetAsync(string username)
    {
        (await app.CreateClient().PostAsync("/password/forgot", new { username })).ShouldBe(HttpStatusCode.Accepted);
        return Mailbox.TokenOf(await mailbox.FindAsync(Reset));
    }

    private Task<HttpResponseMessage> ResetAsync(string token) =>
        app.CreateClient().PostAsync("/password/reset", new { token, newPassword = "difference engine number one" });

    private Task<HttpResponseMessage> LogInAsync(string username, string password) =>
        app.CreateClient().PostAsync("/login", new { username, password });
}
