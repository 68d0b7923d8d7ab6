using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Logins by passkey, and the ways to get in by one that is not the user's.</summary>
public sealed class PasskeyLoginTests : IAsyncDisposable
{
    private readonly AuthServerApp app = new();
    private readonly SoftwareAuthenticator authenticator = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        return app.DisposeAsync();
    }

    [Theory]
    [InlineData(false, "[\"hwk\",\"mfa\"]")]
    [InlineData(true, "[\"swk\",\"mfa\"]")]
    public async Task Passkey_logs_in_as_two_factors(bool isSynced, string amr)
    {
        var id = await RegisterAsync(isSynced);
        var http = app.CreateClient();
        var begun = await http.LoginOptionsAsync();
        Assert.Empty(begun.Options.GetProperty("allowCredentials").EnumerateArray());
        Assert.Equal("required", begun.Options.GetProperty("userVerification").GetString());
        var answer = await http.LogInAsync(begun.State, authenticator.Prove(begun.Options), deviceName: "Phone");
        var device = new LoggedInDevice(http, await answer.ShouldBePairAsync());
        Assert.Equal(amr, device.Claims.GetProperty("amr").GetRawText());
        Assert.Equal("ada", device.Claims.GetProperty("preferred_username").GetString());
        Assert.Equal("Phone", (await app.RowOfAsync(device)).DeviceName);
        Assert.True(answer.Headers.Contains("X-Device-Token"));
        var row = await app.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id == id, Ct));
        Assert.Equal((app.Clock.GetUtcNow(), isSynced), (row.LastUsedAt, row.IsBackedUp));

        // The proof of the login is fresh.
        (await device.SendAsync(HttpMethod.Post, "/passkeys/options")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Login_answers_by_each_transport()
    {
        await RegisterAsync();
        var header = await app.CreateClient().LogInAsync(authenticator, "?transport=header");
        header.ShouldBe(HttpStatusCode.OK);
        Assert.True(header.Headers.Contains("X-Refresh-Token"));
        foreach (var (transport, cookie) in ((string, string)[])[("cookie", "__Host-refresh"), ("session", "__Host-session")])
        {
            var http = app.CreateClient();
            await (await http.LogInAsync(authenticator, $"?transport={transport}")).ShouldBeProblemAsync(403, "cross_site");
            http.DefaultRequestHeaders.Add("Origin", "http://localhost");
            var answer = await http.LogInAsync(authenticator, $"?transport={transport}");
            answer.ShouldBe(HttpStatusCode.OK);
            Assert.Contains(
                answer.Headers.GetValues("Set-Cookie"), one => one.StartsWith($"{cookie}=", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(PasskeyTests.Dishonest), MemberType = typeof(PasskeyTests))]
    public async Task Proof_that_is_not_valid_is_refused(string defect)
    {
        await RegisterAsync();
        PasskeyTests.Spoil(authenticator, defect);
        await ShouldRefuseAsync(app.CreateClient().LogInAsync(authenticator));
    }

    [Fact]
    public async Task State_works_once()
    {
        await RegisterAsync();
        var http = app.CreateClient();
        var begun = await http.LoginOptionsAsync();
        var credential = authenticator.Prove(begun.Options);
        await (await http.LogInAsync(begun.State, credential)).ShouldBePairAsync();
        await ShouldRefuseAsync(http.LogInAsync(begun.State, credential));
        await ShouldRefuseAsync(http.LogInAsync(begun.State, authenticator.Prove(begun.Options)));
    }

    [Fact]
    public async Task Concurrent_uses_of_state_open_one_session()
    {
        await RegisterAsync();
        var before = await SessionsAsync();
        var begun = await app.CreateClient().LoginOptionsAsync();
        var credential = authenticator.Prove(begun.Options).ToJsonString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.CreateClient().LogInAsync(
            begun.State, System.Text.Json.Nodes.JsonNode.Parse(credential))));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized));
        Assert.Equal(before + 1, await SessionsAsync());
    }

    [Fact]
    public async Task State_that_is_over_changed_or_of_another_purpose_is_refused()
    {
        var ada = await app.LogInAsync("ada");
        await ada.AddAsync(authenticator);
        var registration = await ada.PasskeyOptionsAsync();
        var begun = await ada.Http.LoginOptionsAsync();
        var credential = authenticator.Prove(begun.Options);
        await ShouldRefuseAsync(ada.Http.LogInAsync(registration.State, credential));
        await ShouldRefuseAsync(ada.Http.LogInAsync(begun.State[..^4] + "AAAA", credential));
        await ShouldRefuseAsync(ada.Http.LogInAsync("", credential));
        await (await ada.Http.LogInAsync(null, credential)).ShouldBeInvalidAsync("state");
        await (await ada.Http.LogInAsync(begun.State, null)).ShouldBeInvalidAsync("credential");
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await ShouldRefuseAsync(ada.Http.LogInAsync(begun.State, credential));
    }

    [Fact]
    public async Task Passkey_opens_no_session_of_another_account()
    {
        await RegisterAsync();
        using var other = new SoftwareAuthenticator();
        await (await app.LogInAsync("mallory")).AddAsync(other);
        var http = app.CreateClient();

        // A passkey of one account with the user handle of another, or with its credential id.
        (other.UserHandle, authenticator.UserHandle) = (authenticator.UserHandle, other.UserHandle);
        await ShouldRefuseAsync(http.LogInAsync(other));
        other.CredentialId = authenticator.CredentialId;
        await ShouldRefuseAsync(http.LogInAsync(other));
        other.UserHandle = null;
        await ShouldRefuseAsync(http.LogInAsync(other));
    }

    [Fact]
    public async Task Removed_and_unknown_passkeys_are_refused()
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        (await ada.RemovePasskeyAsync(id)).ShouldBe(HttpStatusCode.NoContent);
        await ShouldRefuseAsync(ada.Http.LogInAsync(authenticator));
        authenticator.UserHandle = "bm9ib2R5";
        await ShouldRefuseAsync(ada.Http.LogInAsync(authenticator));
    }

    [Fact]
    public async Task Counter_that_goes_back_is_refused_and_counted()
    {
        authenticator.Counts = true;
        var id = await RegisterAsync();
        var http = app.CreateClient();
        await (await http.LogInAsync(authenticator)).ShouldBePairAsync();
        await (await http.LogInAsync(authenticator)).ShouldBePairAsync();
        authenticator.SignCount = 1;
        await ShouldRefuseAsync(http.LogInAsync(authenticator));
        authenticator.SignCount = 0;
        authenticator.Counts = false;
        await ShouldRefuseAsync(http.LogInAsync(authenticator));
        Assert.Equal(2, (await app.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id == id, Ct))).SignCount);
        await app.CountEventsAsync();
        Assert.Equal(2, await app.InDatabaseAsync(db => db.Events
            .Where(e => e.Kind == EventKind.PasskeyRejected).SumAsync(e => e.Count, Ct)));
    }

    [Fact]
    public async Task Concurrent_uses_of_counter_open_one_session()
    {
        authenticator.Counts = true;
        await RegisterAsync();
        var uses = new List<(string State, string Credential)>();
        for (var i = 0; i < 8; i++)
        {
            var begun = await app.CreateClient().LoginOptionsAsync();
            authenticator.SignCount = 0;
            uses.Add((begun.State, authenticator.Prove(begun.Options).ToJsonString()));
        }

        var answers = await Task.WhenAll(uses.Select(use => app.CreateClient().LogInAsync(
            use.State, System.Text.Json.Nodes.JsonNode.Parse(use.Credential))));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Disabled_account_is_refused()
    {
        await RegisterAsync();
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct));
        await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, Ct);
        await ShouldRefuseAsync(app.CreateClient().LogInAsync(authenticator));
    }

    [Fact]
    public async Task Failed_passwords_do_not_delay_passkey()
    {
        await using var guessed = Guesses.NewApp();
        await (await guessed.LogInAsync("ada")).AddAsync(authenticator);
        await guessed.ExhaustAsync("ada");
        await (await guessed.CreateClient().LogInAsync(authenticator)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Account_without_verified_address_is_refused_if_required()
    {
        await using var strict = new AuthServerApp(("Accounts:RequireVerifiedEmail", "true"));
        var http = strict.CreateClient();
        var account = new { username = "ada", AuthServerApp.Password, email = "ada@example.org" };
        await http.PostAsync("/register", account);
        await SetVerifiedAsync("ada@example.org");
        var pair = await (await http.PostAsync("/login", new { account.username, account.Password })).ShouldBePairAsync();
        await new LoggedInDevice(http, pair).AddAsync(authenticator);
        await (await http.LogInAsync(authenticator)).ShouldBePairAsync();
        await SetVerifiedAsync(null);
        await (await http.LogInAsync(authenticator)).ShouldBeProblemAsync(403, "email_unverified");

        Task<int> SetVerifiedAsync(string? address) => strict.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(u => u.VerifiedEmail, address), Ct));
    }

    private async Task<Guid> RegisterAsync(bool isSynced = false)
    {
        authenticator.IsSynced = isSynced;
        return await (await app.LogInAsync("ada")).AddAsync(authenticator);
    }

    private Task<int> SessionsAsync() => app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct));

    private async Task ShouldRefuseAsync(Task<HttpResponseMessage> login)
    {
        var before = await SessionsAsync();
        await (await login).ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.Equal(before, await SessionsAsync());
    }
}
