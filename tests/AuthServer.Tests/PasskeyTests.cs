using System.Buffers.Text;
using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.PasskeyRequests;

namespace AuthServer.Tests;

/// <summary>Passkeys of an account: added, named and removed.</summary>
public sealed class PasskeyTests : IAsyncDisposable
{
    private const string Added = "A security method was added to your account";
    private const string Removed = "A security method was removed from your account";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;
    private readonly SoftwareAuthenticator authenticator = new();

    public PasskeyTests() => app = mailbox.CreateApp();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task Options_ask_for_resident_key_with_user_verification()
    {
        var ada = await app.LogInAsync("ada");
        var options = (await ada.PasskeyOptionsAsync()).Options;
        var selection = options.GetProperty("authenticatorSelection");
        Assert.Equal("required", selection.GetProperty("residentKey").GetString());
        Assert.True(selection.GetProperty("requireResidentKey").GetBoolean());
        Assert.Equal("required", selection.GetProperty("userVerification").GetString());
        Assert.Equal("none", options.GetProperty("attestation").GetString());
        Assert.Equal("localhost", options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal("ada", options.GetProperty("user").GetProperty("name").GetString());
        Assert.Empty(options.GetProperty("excludeCredentials").EnumerateArray());

        await ada.AddAsync(authenticator);
        var known = Assert.Single((await ada.PasskeyOptionsAsync()).Options.GetProperty("excludeCredentials").EnumerateArray());
        Assert.Equal(authenticator.CredentialId, Base64Url.DecodeFromChars(known.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Passkey_is_added_named_and_removed()
    {
        var ada = await app.LogInAsync("ada");
        authenticator.IsSynced = true;
        var begun = await ada.PasskeyOptionsAsync();
        var answer = await ada.AddAsync(begun.State, authenticator.Create(begun.Options), " Phone ");
        answer.ShouldBe(HttpStatusCode.Created);
        var body = await JsonOfAsync(answer);
        var id = body.GetProperty("id").GetGuid();
        Assert.Equal($"/passkeys/{id}", answer.Headers.Location?.OriginalString);
        Assert.Equal("Phone", body.GetProperty("name").GetString());
        Assert.Equal(app.Clock.GetUtcNow(), body.GetProperty("createdAt").GetDateTimeOffset());
        Assert.True(body.GetProperty("synced").GetBoolean());

        var path = $"/passkeys/{id}";
        (await ada.SendAsync(HttpMethod.Patch, path, new { name = "Old phone" })).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal("Old phone", (await RowsAsync()).Single().Name);
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
        Assert.Empty(await RowsAsync());
        await (await ada.RemovePasskeyAsync(id)).ShouldBeProblemAsync(404, "not_found");
        await (await ada.SendAsync(HttpMethod.Patch, path, new { name = "a" })).ShouldBeProblemAsync(404, "not_found");
    }

    [Theory]
    [InlineData(null, "Passkey")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("curl/8.5.0", "Passkey")]
    public async Task Passkey_without_name_is_named_by_user_agent(string? userAgent, string name)
    {
        var ada = await app.LogInAsync("ada");
        if (userAgent is not null)
        {
            ada.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        }

        await ada.AddAsync(authenticator);
        Assert.Equal(name, (await RowsAsync()).Single().Name);
    }

    [Fact]
    public async Task Session_without_fresh_proof_changes_nothing()
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        var begun = await ada.PasskeyOptionsAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        HttpResponseMessage[] refused =
        [
            await ada.SendAsync(HttpMethod.Post, "/passkeys/options"),
            await ada.AddAsync(begun.State, authenticator.Create(begun.Options)),
            await ada.RemovePasskeyAsync(id),
        ];
        foreach (var answer in refused)
        {
            await answer.ShouldBeProblemAsync(403, "reauthentication_required");
        }

        Assert.Single(await RowsAsync());
        (await ada.SendAsync(HttpMethod.Patch, $"/passkeys/{id}", new { name = "a" })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Adding_and_removing_end_other_sessions_with_event_and_mail()
    {
        var ada = await app.LogInAsync("ada");
        await VerifyAsync("ada");
        var phone = await app.LogInAsync("ada");
        await mailbox.NextAsync("New login to your account");
        var before = await StampAsync();
        var id = await ada.AddAsync(authenticator, "see https://evil.example");
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        var mail = await mailbox.NextAsync(Added);
        Assert.Contains("passkey “see https evil example”", mail.TextBody, StringComparison.Ordinal);
        var between = await StampAsync();
        Assert.NotEqual(before, between);

        phone = await app.LogInAsync("ada");
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        await mailbox.NextAsync(Removed);
        Assert.NotEqual(between, await StampAsync());
        await ada.RefreshAsync();
        var events = await app.InDatabaseAsync(db => db.Events
            .Where(e => e.Kind == EventKind.PasskeyAdded || e.Kind == EventKind.PasskeyRemoved)
            .OrderBy(e => e.Id).Select(e => new { e.Kind, e.Detail, e.SessionId }).ToListAsync(Ct));
        Assert.Equal([EventKind.PasskeyAdded, EventKind.PasskeyRemoved], events.Select(one => one.Kind));
        Assert.All(events, one => Assert.Equal(("see https://evil.example", ada.SessionId), (one.Detail, one.SessionId)));
    }

    [Fact]
    public async Task Adding_makes_copies_of_session_cookie_void()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var copy = browser.At(app);
        var begun = await PasskeyOptionsAnswer.OfAsync(await browser.PostAsync("/passkeys/options"));
        var added = await browser.PostAsync(
            "/passkeys", new { state = begun.State, credential = authenticator.Create(begun.Options) });
        added.ShouldBe(HttpStatusCode.Created);
        await (await copy.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
        (await browser.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task State_is_refused_twice_over_foreign_and_of_login()
    {
        var ada = await app.LogInAsync("ada");
        var begun = await ada.PasskeyOptionsAsync();
        var mallory = await app.LogInAsync("mallory");
        await (await mallory.AddAsync(begun.State, authenticator.Create(begun.Options))).ShouldBeInvalidAsync("state");
        var phone = await app.LogInAsync("ada");
        await (await phone.AddAsync(begun.State, authenticator.Create(begun.Options))).ShouldBeInvalidAsync("state");
        var login = await ada.Http.LoginOptionsAsync();
        await (await ada.AddAsync(login.State, authenticator.Create(begun.Options))).ShouldBeInvalidAsync("state");
        await (await ada.AddAsync(begun.State + "=", authenticator.Create(begun.Options))).ShouldBeInvalidAsync("state");

        var first = await ada.AddAsync(begun.State, authenticator.Create(begun.Options));
        first.ShouldBe(HttpStatusCode.Created);
        using var another = new SoftwareAuthenticator();
        await (await ada.AddAsync(begun.State, another.Create(begun.Options))).ShouldBeInvalidAsync("state");

        begun = await ada.PasskeyOptionsAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await ada.RefreshAsync();
        await (await ada.AddAsync(begun.State, another.Create(begun.Options))).ShouldBeInvalidAsync("state");
        Assert.Single(await RowsAsync());
    }

    [Fact]
    public async Task Change_of_credentials_makes_state_void()
    {
        var ada = await app.LogInAsync("ada");
        var (begun, later) = (await ada.PasskeyOptionsAsync(), await ada.PasskeyOptionsAsync());
        using var another = new SoftwareAuthenticator();
        (await ada.AddAsync(begun.State, authenticator.Create(begun.Options))).ShouldBe(HttpStatusCode.Created);
        var refused = await ada.AddAsync(later.State, another.Create(later.Options));
        await refused.ShouldBeInvalidAsync("state");
        Assert.Single(await RowsAsync());
    }

    public static TheoryData<string> Dishonest => ["origin", "domain", "challenge", "frame", "unverified"];

    [Theory]
    [MemberData(nameof(Dishonest))]
    public async Task Registration_that_is_not_valid_is_refused(string defect)
    {
        var ada = await app.LogInAsync("ada");
        var begun = await ada.PasskeyOptionsAsync();
        Spoil(authenticator, defect);
        await (await ada.AddAsync(begun.State, authenticator.Create(begun.Options))).ShouldBeInvalidAsync("credential");
        Assert.Empty(await RowsAsync());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{\"id\":\"AA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"AA\",\"attestationObject\":\"AA\"}}")]
    public async Task Credential_that_is_none_is_refused(string credential)
    {
        var ada = await app.LogInAsync("ada");
        var begun = await ada.PasskeyOptionsAsync();
        var node = System.Text.Json.Nodes.JsonNode.Parse(credential);
        await (await ada.AddAsync(begun.State, node)).ShouldBeInvalidAsync("credential");
        var login = await ada.Http.LoginOptionsAsync();
        var answer = await ada.Http.LogInAsync(login.State, node);
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Credential_of_any_account_is_added_once()
    {
        await (await app.LogInAsync("ada")).AddAsync(authenticator);
        var mallory = await app.LogInAsync("mallory");
        var begun = await mallory.PasskeyOptionsAsync();
        using var copy = new SoftwareAuthenticator { CredentialId = authenticator.CredentialId };
        await (await mallory.AddAsync(begun.State, copy.Create(begun.Options))).ShouldBeInvalidAsync("credential");
        Assert.Single(await RowsAsync());
    }

    [Fact]
    public async Task Account_has_twenty_passkeys_at_most()
    {
        var ada = await app.LogInAsync("ada");
        for (var i = 0; i < PasskeyPolicy.MaxPerAccount; i++)
        {
            using var one = new SoftwareAuthenticator();
            await ada.AddAsync(one);
        }

        await (await ada.SendAsync(HttpMethod.Post, "/passkeys/options")).ShouldBeInvalidAsync("credential");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u202eb")]
    [InlineData(null)]
    public async Task Name_that_breaks_rule_is_refused(string? name)
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        await (await ada.SendAsync(HttpMethod.Patch, $"/passkeys/{id}", new { name })).ShouldBeInvalidAsync("name");
    }

    internal static void Spoil(SoftwareAuthenticator authenticator, string defect)
    {
        switch (defect)
        {
            case "origin":
                authenticator.Origin = "https://evil.example";
                break;
            case "domain":
                authenticator.Domain = "evil.example";
                break;
            case "challenge":
                authenticator.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
                break;
            case "frame":
                authenticator.IsFramed = true;
                break;
            default:
                authenticator.IsUserVerified = false;
                break;
        }
    }

    private Task<List<PasskeyRow>> RowsAsync() => app.InDatabaseAsync(db => db.Passkeys.ToListAsync(Ct));

    private Task<Guid> StampAsync() => app.InDatabaseAsync(db => db.Users.Select(u => u.SecurityStamp).SingleAsync(Ct));

    private Task<int> VerifyAsync(string name) => app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
        set => set.SetProperty(u => u.Email, $"{name}@example.org").SetProperty(u => u.VerifiedEmail, $"{name}@example.org"),
        Ct));
}
