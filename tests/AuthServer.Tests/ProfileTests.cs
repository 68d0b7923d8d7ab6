using System.Net;
using System.Text.Json;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Display name, language and user name of the caller.</summary>
public sealed class ProfileTests : IAsyncLifetime
{
    private const string Renamed = "Your user name was changed";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;

    public ProfileTests() => app = mailbox.CreateApp();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Display_name_shows_in_answer_at_once_and_in_tokens_after_refresh()
    {
        var ada = await app.LogInAsync("ada");
        var me = await ChangeAsync(ada, new { displayName = "  Ada Lovelace " });
        Assert.Equal(
            ("ada", "Ada Lovelace", ada.SessionId),
            (TextOf(me, "username"), TextOf(me, "displayName"), me.GetProperty("sessionId").GetGuid()));
        Assert.Equal("ada", TextOf(await MeAsync(ada), "displayName"));
        await ada.RefreshAsync();
        Assert.Equal("Ada Lovelace", TextOf(await MeAsync(ada), "displayName"));
    }

    [Fact]
    public async Task Profile_is_as_stored_with_address_that_is_not_verified()
    {
        using var http = app.CreateClient();
        var created = await http.PostAsync(
            "/register", new { username = "grace", password = Password, email = "grace@example.com" });
        created.ShouldBe(HttpStatusCode.Created);
        var grace = await app.LogInAsync("grace");
        await ChangeAsync(grace, new { locale = "ko" });
        var profile = await (await grace.GetAsync("/me/profile")).ShouldBeJsonAsync();
        Assert.Equal(
            ("grace", null, "grace@example.com", "ko"),
            (TextOf(profile, "username"), TextOf(profile, "displayName"), TextOf(profile, "email"), TextOf(profile, "locale")));
        Assert.False(profile.GetProperty("emailVerified").GetBoolean());
        Assert.True(profile.GetProperty("hasPassword").GetBoolean());
    }

    [Fact]
    public async Task Member_that_is_absent_stays_and_null_removes_value()
    {
        var ada = await app.LogInAsync("ada");
        await ChangeAsync(ada, new { displayName = "Ada", locale = "ko" });
        Assert.Equal(("Ada", "ko"), await StoredAsync());
        await ChangeAsync(ada, new { });
        Assert.Equal(("Ada", "ko"), await StoredAsync());
        await ChangeAsync(ada, new { locale = "en-GB" });
        Assert.Equal(("Ada", "en-GB"), await StoredAsync());
        Assert.Equal("ada", TextOf(await ChangeAsync(ada, new { displayName = (string?)null }), "displayName"));
        Assert.Equal((null, "en-GB"), await StoredAsync());
        await ChangeAsync(ada, new { locale = (string?)null });
        Assert.Equal((null, null), await StoredAsync());
        Assert.Equal(
            ["display name, locale", "locale", "display name", "locale"],
            await DetailsAsync(EventKind.ProfileChanged));
    }

    [Theory]
    [InlineData("""{"displayName":"a\u0007b"}""", "displayName")]
    [InlineData("""{"locale":"e"}""", "locale")]
    [InlineData("""{"locale":"en_GB"}""", "locale")]
    [InlineData("""{"username":null}""", "username")]
    [InlineData("""{"username":"a:b"}""", "username")]
    [InlineData("""{"username":"grace@example.org"}""", "username")]
    public async Task Invalid_member_is_named_and_nothing_changes(string body, string field)
    {
        var ada = await app.LogInAsync("ada");
        await (await PatchAsync(ada, body)).ShouldBeInvalidAsync(field);
        Assert.Equal("ada", await app.InDatabaseAsync(db => db.Users.Select(u => u.Username).SingleAsync(Ct)));
    }

    [Theory]
    [InlineData("""{"email":"ada@example.org"}""")]
    [InlineData("""{"displayName":1}""")]
    [InlineData("""{"displayName":"a","displayName":"b"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task Body_of_another_form_is_refused(string body) =>
        await (await PatchAsync(await app.LogInAsync("ada"), body)).ShouldBeProblemAsync(400, "invalid_request");

    [Fact]
    public async Task User_name_changes_with_fresh_proof_alone()
    {
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var refused = await PatchAsync(ada, """{"username":"grace","displayName":"Grace"}""");
        await refused.ShouldBeProblemAsync(403, "reauthentication_required");
        Assert.Equal((null, null), await StoredAsync());
        await ChangeAsync(ada, new { displayName = "Ada" });
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate", new { password = Password })).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
        Assert.Equal("grace", TextOf(await ChangeAsync(ada, new { username = "grace" }), "username"));
    }

    [Fact]
    public async Task New_user_name_logs_in_and_old_one_does_not()
    {
        var ada = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var me = await ChangeAsync(ada, new { username = "Grace", displayName = "Grace H." });
        Assert.Equal(("Grace", "Grace H."), (TextOf(me, "username"), TextOf(me, "displayName")));
        await (await LogInAsync("ada")).ShouldBeProblemAsync(401, "invalid_credentials");
        await (await LogInAsync("grace")).ShouldBePairAsync();
        await phone.RefreshAsync();
        Assert.Equal("Grace", TextOf(await MeAsync(phone), "username"));
        Assert.Single(await DetailsAsync(EventKind.UsernameChanged));
    }

    [Fact]
    public async Task Name_in_other_spelling_is_no_other_name()
    {
        var ada = await app.LogInAsync("ada");
        Assert.Equal("Ada", TextOf(await ChangeAsync(ada, new { username = "Ada" }), "username"));
        await ChangeAsync(ada, new { username = "Ada" });
        Assert.Equal(0, await app.InDatabaseAsync(db => db.ReservedNames.CountAsync(Ct)));
        Assert.Single(await DetailsAsync(EventKind.UsernameChanged));
    }

    [Fact]
    public async Task Name_of_another_account_is_taken_and_so_is_its_former_one()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await (await PatchAsync(bob, """{"username":"ADA"}""")).ShouldBeProblemAsync(409, "username_taken");
        await ChangeAsync(ada, new { username = "grace" });
        await (await PatchAsync(bob, """{"username":"ada"}""")).ShouldBeProblemAsync(409, "username_taken");
        var register = await app.CreateClient().PostAsync("/register", new { username = "Ada", password = Password });
        await register.ShouldBeProblemAsync(409, "username_taken");
        var added = await app.Get<RegistrationService>().AddAsync(new Registration("ada", Password, null, null), [], Ct);
        Assert.Equal(ErrorCode.UsernameTaken, added.Refusal?.Code);
    }

    [Fact]
    public async Task Owner_takes_former_name_back()
    {
        var ada = await app.LogInAsync("ada");
        await ChangeAsync(ada, new { username = "grace" });
        await ChangeAsync(ada, new { username = "ada" });
        Assert.Equal(["grace"], await app.InDatabaseAsync(db => db.ReservedNames.Select(r => r.Name).ToListAsync(Ct)));
        await (await LogInAsync("ada")).ShouldBePairAsync();
    }

    [Fact]
    public async Task Name_that_is_reserved_already_can_be_given_up()
    {
        // A node of the version before has given a reserved name to a new account.
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await ChangeAsync(ada, new { username = "grace" });
        await app.InDatabaseAsync(db => db.Users.Where(u => u.NormalizedUsername == "bob").ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Username, "ada").SetProperty(u => u.NormalizedUsername, "ada"), Ct));
        await ChangeAsync(bob, new { username = "eve" });
        var reserved = await app.InDatabaseAsync(db => db.ReservedNames.SingleAsync(Ct));
        Assert.Equal(("ada", ada.Claims.GetProperty("sub").GetGuid()), (reserved.Name, reserved.UserId));
        (await bob.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Operator_frees_reserved_name_for_any_account()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await ChangeAsync(ada, new { username = "grace" });
        var profiles = app.Get<ProfileStore>();
        Assert.False(await profiles.FreeNameAsync("grace", Ct));
        Assert.True(await profiles.FreeNameAsync("ada", Ct));
        Assert.False(await profiles.FreeNameAsync("ada", Ct));
        await ChangeAsync(bob, new { username = "ada" });
        var freed = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.Kind == EventKind.NameFreed, Ct));
        Assert.Equal(
            (ada.Claims.GetProperty("sub").GetGuid(), null, ClientInfo.CommandLine.UserAgent),
            (freed.UserId, freed.Detail, freed.UserAgent));
    }

    [Fact]
    public async Task Fourth_name_in_day_is_refused_unless_operator_gives_it()
    {
        var ada = await app.LogInAsync("ada");
        foreach (var name in new[] { "ada1", "ada2", "ada3" })
        {
            await ChangeAsync(ada, new { username = name });
        }

        var refused = await PatchAsync(ada, """{"username":"ada4"}""");
        await refused.ShouldBeProblemAsync(429, "too_many_requests");
        Assert.Equal(TimeSpan.FromDays(1), refused.Headers.RetryAfter?.Delta);
        await ChangeAsync(ada, new { username = "ada2" });
        var id = ada.Claims.GetProperty("sub").GetGuid();
        var wish = new ProfileWish(Username: new NewText("ada5"));
        var renamed = await app.Get<ProfileService>().ChangeAsync(id, wish, Ct);
        Assert.Equal("ada5", renamed.Value.Username);
    }

    [Fact]
    public async Task Address_becomes_name_once_it_is_verified_and_is_never_held_before()
    {
        var (ada, bob) = (await VerifiedAsync("ada"), await app.LogInAsync("bob"));
        await (await PatchAsync(bob, """{"username":"ada@example.org"}""")).ShouldBeInvalidAsync("username");
        await ChangeAsync(ada, new { username = "Ada@Example.org" });
        await mailbox.NextAsync(Renamed);
        await (await LogInAsync("ada@example.org")).ShouldBePairAsync();
    }

    [Fact]
    public async Task Change_of_user_name_is_mailed_with_both_names()
    {
        var ada = await VerifiedAsync("ada");
        await ChangeAsync(ada, new { username = "grace" });
        var mail = await mailbox.NextAsync(Renamed);
        Assert.Equal("ada@example.org", mail.To.Mailboxes.Single().Address);
        Assert.Contains("is now grace. Before, it was ada.", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Caller_of_session_cookie_changes_profile_from_own_pages_alone()
    {
        var ada = await SessionBrowser.LogInAsync(app);
        var foreign = await ada.SendAsync(HttpMethod.Patch, "/me", new { displayName = "Eve" }, origin: "https://evil.example");
        await foreign.ShouldBeProblemAsync(403, "cross_site");
        var me = await (await ada.SendAsync(HttpMethod.Patch, "/me", new { displayName = "Ada" })).ShouldBeJsonAsync();
        Assert.Equal("Ada", TextOf(me, "displayName"));
    }

    [Fact]
    public async Task Operator_sets_verified_address_unless_it_is_taken()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await VerifiedAsync("bob"));
        var emails = app.Get<EmailStore>();
        var id = ada.Claims.GetProperty("sub").GetGuid();
        Assert.Equal(EmailResult.InUse, await emails.SetAsync(id, "Bob@Example.org", Ct));
        Assert.Equal(EmailResult.Changed, await emails.SetAsync(id, "Ada@Example.org", Ct));
        await ada.RefreshAsync();
        await (await LogInAsync("ada@example.org")).ShouldBePairAsync();
        Assert.Equal(EmailResult.Changed, await emails.SetAsync(id, "lovelace@example.org", Ct));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        Assert.Equal(EmailResult.Void, await emails.SetAsync(Guid.NewGuid(), "other@example.org", Ct));
        await bob.RefreshAsync();
        Assert.Equal(["verified", "set", "set"], await DetailsAsync(EventKind.EmailChanged));
    }

    private static string? TextOf(JsonElement me, string name) => me.GetProperty(name).GetString();

    private static async Task<JsonElement> MeAsync(LoggedInDevice device) =>
        await (await device.GetAsync("/me")).ShouldBeJsonAsync();

    private static async Task<JsonElement> ChangeAsync(LoggedInDevice device, object body) =>
        await (await device.SendAsync(HttpMethod.Patch, "/me", body)).ShouldBeJsonAsync();

    private static async Task<HttpResponseMessage> PatchAsync(LoggedInDevice device, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/me") { Content = HttpAssertions.Text(body) };
        request.Headers.Authorization = new("Bearer", device.Pair.AccessToken);
        return await device.Http.SendAsync(request, Ct);
    }

    private Task<HttpResponseMessage> LogInAsync(string username) =>
        app.CreateClient().PostAsync("/login", new { username, password = Password });

    private Task<(string? DisplayName, string? Locale)> StoredAsync() => app.InDatabaseAsync(async db =>
    {
        var user = await db.Users.SingleAsync(Ct);
        return (user.DisplayName, user.Locale);
    });

    private Task<List<string?>> DetailsAsync(EventKind kind) => app.InDatabaseAsync(
        db => db.Events.Where(e => e.Kind == kind).OrderBy(e => e.Id).Select(e => e.Detail).ToListAsync(Ct));

    private async Task<LoggedInDevice> VerifiedAsync(string username)
    {
        var http = app.CreateClient();
        await http.PostAsync("/register", new { username, password = Password, email = $"{username}@example.org" });
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Confirm your email address"));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync(username);
    }
}
