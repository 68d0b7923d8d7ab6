using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using AuthServer.Accounts;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The export of everything that is stored about the caller.</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Export_is_file_with_every_part_of_account()
    {
        var ada = await FullAccountAsync();
        var answer = await ada.GetAsync("/me/export");
        answer.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("attachment; filename=\"authserver-export.json\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        var export = JsonDocument.Parse(text).RootElement;

        var account = export.GetProperty("account");
        Assert.Equal(
            ("grace", "에이다", "ada@example.org", false),
            (TextOf(account, "username"), TextOf(account, "displayName"), TextOf(account, "email"),
                account.GetProperty("emailVerified").GetBoolean()));
        Assert.Contains("에이다", text, StringComparison.Ordinal);
        Assert.Equal(["editor"], account.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal("ada", TextOf(Only(export, "givenUpNames"), "name"));
        Assert.Equal("subject-1", TextOf(Only(export, "externalLogins"), "subject"));
        Assert.Equal("Phone", TextOf(Only(export, "passkeys"), "name"));
        Assert.NotEqual(JsonValueKind.Null, export.GetProperty("authenticatorApp").ValueKind);
        Assert.Equal(2, export.GetProperty("recoveryCodesLeft").GetInt32());
        Assert.Equal(
            [null, "logout"], export.GetProperty("sessions").EnumerateArray().Select(one => TextOf(one, "endReason")).Order());
        var mail = Only(export, "mails");
        Assert.Equal(("confirm_email", "ada@example.org"), (TextOf(mail, "kind"), TextOf(mail, "address")));
        var kinds = export.GetProperty("events").EnumerateArray().Select(one => TextOf(one, "kind")!);
        Assert.Equal(
            ["account_exported", "login", "login", "registered", "session_ended", "username_changed"],
            kinds.Order(StringComparer.Ordinal));
        var methods = export.GetProperty("sessions")[0].GetProperty("amr").EnumerateArray();
        Assert.Equal(["pwd"], methods.Select(method => method.GetString()));
        Assert.Empty(export.GetProperty("truncated").EnumerateArray());
    }

    [Fact]
    public async Task Export_is_event_of_its_session()
    {
        var ada = await app.LogInAsync("ada");
        (await ada.GetAsync("/me/export")).ShouldBe(HttpStatusCode.OK);
        var id = ada.Claims.GetProperty("sub").GetGuid();
        Assert.NotNull(await app.Get<ExportService>().BeginAsync(id, sessionId: null, ClientInfo.CommandLine, Ct));
        var events = await app.InDatabaseAsync(
            db => db.Events.Where(e => e.Kind == EventKind.AccountExported).OrderBy(e => e.Id).ToListAsync(Ct));
        Assert.Equal(
            [(id, ada.SessionId, false), (id, (Guid?)null, true)],
            events.Select(e => (e.UserId!.Value, e.SessionId, e.UserAgent == ClientInfo.CommandLine.UserAgent)));
    }

    [Fact]
    public async Task Export_has_no_secret()
    {
        var ada = await FullAccountAsync();
        var text = await (await ada.GetAsync("/me/export")).Content.ReadAsStringAsync(Ct);
        var (texts, bytes) = await app.InDatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(Ct);
            var passkey = await db.Passkeys.SingleAsync(Ct);
            byte[][] sealedValues =
            [
                user.SecurityStamp.ToByteArray(), user.SecurityStamp.ToByteArray(bigEndian: true),
                (await db.Totps.SingleAsync(Ct)).Sealed, passkey.PublicKey, passkey.CredentialId,
                .. await db.RecoveryCodes.Select(code => code.Sealed).ToListAsync(Ct),
            ];
            return (
                new[] { user.PasswordHash, user.SecurityStamp.ToString(), ada.Pair.RefreshToken, ada.Pair.AccessToken },
                sealedValues);
        });
        var secrets = texts.Concat(bytes.SelectMany(value => new[]
        {
            Convert.ToBase64String(value), Base64Url.EncodeToString(value), Convert.ToHexString(value),
        })).ToList();
        Assert.Equal(25, secrets.Count);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Export_needs_fresh_proof_and_is_of_caller_alone()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        var export = await (await bob.GetAsync("/me/export")).ShouldBeJsonAsync();
        Assert.Equal("bob", TextOf(export.GetProperty("account"), "username"));
        Assert.Equal(bob.SessionId, Only(export, "sessions").GetProperty("id").GetGuid());
        Assert.All(
            export.GetProperty("events").EnumerateArray(),
            one => Assert.NotEqual($"{ada.SessionId}", TextOf(one, "sessionId")));
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        await (await ada.GetAsync("/me/export")).ShouldBeProblemAsync(403, "reauthentication_required");
    }

    [Fact]
    public async Task Export_has_newest_of_many_sessions_and_events()
    {
        var ada = await app.LogInAsync("ada");
        await ManySessions.AddAsync(app, ada, ExportStore.MaxRows + 10);
        var row = await app.RowOfAsync(ada);
        await app.InDatabaseAsync(db =>
        {
            db.AddRange(Enumerable.Range(0, 1200).Select(_ => new EventRow
            {
                At = row.CreatedAt,
                Kind = EventKind.Login,
                UserId = row.UserId,
            }));
            return db.SaveChangesAsync(Ct);
        });
        var export = await (await ada.GetAsync("/me/export")).ShouldBeJsonAsync();
        Assert.Equal(ExportStore.MaxRows, export.GetProperty("sessions").GetArrayLength());
        Assert.Equal(1203, export.GetProperty("events").GetArrayLength());
        Assert.Equal(["sessions"], export.GetProperty("truncated").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            export.GetProperty("sessions").GetArrayLength(),
            export.GetProperty("sessions").EnumerateArray().Select(one => one.GetProperty("id").GetGuid()).Distinct().Count());
    }

    private static string? TextOf(JsonElement one, string name) => one.GetProperty(name).GetString();

    private static JsonElement Only(JsonElement export, string name) =>
        Assert.Single(export.GetProperty(name).EnumerateArray());

    // An account with a row in every table that has rows of accounts.
    private async Task<LoggedInDevice> FullAccountAsync()
    {
        var http = app.CreateClient();
        await http.PostAsync("/register", new
        {
            username = "ada",
            password = AuthServerApp.Password,
            email = "ada@example.org",
            displayName = "에이다",
        });
        await (await app.LogInAsync("ada")).LogoutAsync();
        var ada = await app.LogInAsync("ada");
        (await ada.SendAsync(HttpMethod.Patch, "/me", new { username = "grace" })).ShouldBe(HttpStatusCode.OK);
        await app.InDatabaseAsync(db => OwnRows.AddAsync(db, Ct));
        return ada;
    }
}
