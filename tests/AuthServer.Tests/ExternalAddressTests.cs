using System.Text.Json.Nodes;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>Addresses at other providers, and the ways to take an account over by them.</summary>
public sealed class ExternalAddressTests : IAsyncLifetime
{
    private const string Address = "ada@example.com";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    private FakeIssuer issuer = null!;
    private AuthServerApp app = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await FakeIssuer.StartAsync(clock);
        issuer.User["email"] = Address;
        issuer.User["email_verified"] = true;
        app = new AuthServerApp([.. issuer.Settings(more: ("TrustEmail", "true")), .. issuer.Settings("other")])
        {
            Clock = clock,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await issuer.DisposeAsync();
    }

    // Takeover: register the address of a victim, and wait for the victim to log in by a provider.
    [Theory]
    [InlineData(Address, null)]
    [InlineData("mallory", Address)]
    public async Task Registered_address_does_not_catch_login_of_its_owner(string username, string? email)
    {
        var register = await app.CreateClient().PostAsync("/register", new { username, AuthServerApp.Password, email });
        var mallory = (await register.Content.ReadAsStringAsync(Ct)).Split('"')[3];
        var owner = new ExternalBrowser(app, issuer);
        await owner.LogInAsync("?transport=session");
        Assert.NotEqual(mallory, (await owner.MeAsync()).GetProperty("id").GetString());

        // The address is a login name of its owner once there is a password.
        var (id, accounts) = ((await owner.MeAsync()).GetProperty("id").GetGuid(), app.Get<AccountStore>());
        Assert.Equal(username == Address ? mallory : $"{id}", $"{(await accounts.FindAsync(Address, Ct))?.Id}");
        await app.InDatabaseAsync(db => db.Users.Where(row => row.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.PasswordHash, "$2a$04$another"), Ct));
        Assert.Equal(id, (await accounts.FindAsync(Address, Ct))?.Id);
    }

    // Takeover: state the address of a victim at a provider.
    [Theory]
    [InlineData("fake", false)]
    [InlineData("other", true)]
    public async Task Address_that_is_not_verified_or_not_trusted_joins_nothing(string provider, bool isVerified)
    {
        await new ExternalBrowser(app, issuer).LogInAsync();
        issuer.User = new JsonObject { ["sub"] = "mallory", ["email"] = Address, ["email_verified"] = isVerified };
        var mallory = new ExternalBrowser(app, issuer);
        Assert.Null(ErrorOf(await mallory.LogInAsync("?transport=session", provider)));
        var users = await app.InDatabaseAsync(db => db.Users.OrderBy(row => row.CreatedAt).ToListAsync(Ct));
        Assert.Equal([Address, null], users.OrderBy(row => row.VerifiedEmail is null).Select(row => row.VerifiedEmail));
        var me = (await mallory.MeAsync()).GetProperty("id").GetGuid();
        Assert.Equal(users.Single(row => row.VerifiedEmail is null).Id, me);
    }

    // Even if both sides have verified it: the provider may give an address to another user.
    [Fact]
    public async Task Verified_address_joins_after_login_in_usual_way_alone()
    {
        await new ExternalBrowser(app, issuer).LogInAsync();
        issuer.User["sub"] = "another identity";
        var refused = await new ExternalBrowser(app, issuer).LogInAsync();
        Assert.Equal(("access_denied", "email_taken"), ErrorOf(refused));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.ExternalIdentities.CountAsync(Ct)));
    }

    // Takeover: a page links an identity as the user logs in, and the provider chooses which one.
    [Theory]
    [InlineData("fake", Address, true)]
    [InlineData("fake", "mallory@example.com", false)]
    [InlineData("other", Address, false)]
    public async Task Join_is_of_identity_with_address_of_account_alone(string provider, string address, bool isJoined)
    {
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.VerifiedEmail, Address), Ct));
        issuer.User["email"] = address;
        var browser = new ExternalBrowser(app, issuer);
        var end = await browser.EndAsync(issuer.Authorize(await browser.BeginLinkAsync(ada, $"{provider}?join=true")));
        Assert.Equal(isJoined ? null : ("access_denied", "email_taken"), ErrorOf(end));
        Assert.Equal(isJoined ? 1 : 0, await app.InDatabaseAsync(db => db.ExternalIdentities.CountAsync(Ct)));
    }

    [Fact]
    public async Task Join_to_account_without_verified_address_is_refused()
    {
        var browser = new ExternalBrowser(app, issuer);
        var location = await browser.BeginLinkAsync(await app.LogInAsync("ada"), "fake?join=true");
        Assert.Equal(("access_denied", "email_taken"), ErrorOf(await browser.EndAsync(issuer.Authorize(location))));
    }
}
