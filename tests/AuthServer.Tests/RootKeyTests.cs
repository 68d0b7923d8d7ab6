using System.Net;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>The root keys of a server, and the database that they belong to.</summary>
public sealed class RootKeyTests
{
    private static void HoldAgainAndAgain(string path, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // It is being read.
            }
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Database_without_its_root_key_prevents_start()
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        File.Delete(FileOf(folder, 1));
        var refusal = FailedStart.Of(() => new AuthServerApp(("Data:Directory", folder.Path)));
        Assert.StartsWith(
            "The root key 1 is missing, on which 1 sessions, 1 access keys and 0 second factors depend; restore "
            + FileOf(folder, 1),
            refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("--accept-new-keys", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "keys")));
    }

    [Fact]
    public async Task Root_key_without_its_database_prevents_start()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        await LogInOnceAsync(folder);
        var refusal = FailedStart.Of(() => new AuthServerApp(
            ("Data:Directory", other.Path), ("Keys:Directory", Path.Combine(folder.Path, "keys"))));
        Assert.Contains("was made for another database, which is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_key_of_operator_begins_new_database()
    {
        using var folder = new TempFolder();
        Write(folder, 3);
        await LogInOnceAsync(folder);
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "keys")));
    }

    [Fact]
    public async Task Other_key_under_known_number_prevents_start()
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        Write(folder, 1);
        var refusal = FailedStart.Of(() => new AuthServerApp(("Data:Directory", folder.Path)));
        Assert.Contains("is not the root key 1 of this database and its nodes", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("A new key needs a new number: 2 is free", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_that_another_start_holds_is_waited_for()
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        await using var app = new AuthServerApp(("Data:Directory", folder.Path));
        var files = app.Get<RootKeyFiles>();
        using var over = new CancellationTokenSource();
        var holder = new Thread(() => HoldAgainAndAgain(FileOf(folder, 1), over.Token)) { IsBackground = true };
        holder.Start();
        for (var read = 0; read < 100; read++)
        {
            Assert.Single(files.Read());
            Assert.True(files.IsMadeForDatabase(1));
        }

        await over.CancelAsync();
        holder.Join();
    }

    [Theory]
    [InlineData("access-1.key")]
    [InlineData("refresh-2.key")]
    public void Folder_of_older_kind_prevents_start(string name)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        File.WriteAllText(Path.Combine(folder.Path, "keys", name), "");
        var refusal = FailedStart.Of(() => new AuthServerApp(("Data:Directory", folder.Path)));
        Assert.Contains($"{name} is no root key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_keeps_sessions_and_old_root_key_can_go_afterwards()
    {
        using var folder = new TempFolder();
        var ada = await LogInOnceAsync(folder);
        Write(folder, 2);
        var now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        await using (var app = At(folder, now += TimeSpan.FromHours(2)))
        {
            ada = new LoggedInDevice(app.CreateClient(), ada.Pair);
            Assert.Equal([(1, 0, 1), (2, 1, 1)], await UsesAsync(app));
            await ada.RefreshAsync();
            Assert.Equal(2, NumberOf(ada.Pair.RefreshToken));
            Assert.Equal([(1, 0, 0), (2, 1, 1)], await UsesAsync(app));
        }

        File.Delete(FileOf(folder, 1));
        await using (var app = At(folder, now))
        {
            ada = new LoggedInDevice(app.CreateClient(), ada.Pair);
            (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            await ada.RefreshAsync();
            Assert.Equal([(2, 1, 1)], await UsesAsync(app));
        }
    }

    [Fact]
    public async Task Root_key_that_session_depends_on_can_not_go()
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        Write(folder, 2);
        var now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        await using (var app = At(folder, now))
        {
            app.CreateClient();
        }

        File.Delete(FileOf(folder, 1));
        var refusal = FailedStart.Of(() => At(folder, now));
        Assert.Contains("1 sessions, 0 access keys and 0 second factors depend", refusal.Message, StringComparison.Ordinal);
        await using var later = At(folder, now.AddDays(14));
        later.CreateClient();
        Assert.Equal([(2, 1, 0)], await UsesAsync(later));
    }

    [Fact]
    public async Task Everything_of_revoked_root_key_is_refused_at_once()
    {
        using var folder = new TempFolder();
        var before = await LogInOnceAsync(folder);
        SessionBrowser browser;
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path)))
        {
            browser = await SessionBrowser.LogInAsync(app);
        }

        await using var issuer = await FakeIssuer.StartAsync(TimeProvider.System);
        Uri callback;
        ExternalBrowser late;
        Write(folder, 2);
        await using (var app = new AuthServerApp([("Data:Directory", folder.Path), ("Keys:Highest", "1"), .. issuer.Settings()]))
        {
            late = new ExternalBrowser(app, issuer);
            callback = issuer.Authorize(await late.BeginAsync());
        }

        await using (var app = new AuthServerApp([("Data:Directory", folder.Path), .. issuer.Settings()]))
        {
            var ada = new LoggedInDevice(app.CreateClient(), before.Pair);
            browser = browser.At(app);
            await browser.MeAsync();
            late = late.At(app);
            var bob = await app.LogInAsync("bob");
            (await bob.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            Assert.Equal(2, await app.Get<AccessKeyService>().RevokeRootAsync(1, Ct));
            await app.Services.GetServices<IReloadable>().ReloadAsync(Ct);
            await (await bob.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
            await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_invalid");
            await (await browser.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
            Assert.Equal("invalid_request", ExternalBrowser.ErrorOf(await late.EndAsync(callback))?.Error);
            await bob.RefreshAsync();
            (await bob.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            Assert.Null(await app.Get<AccessKeyService>().RevokeRootAsync(1, Ct));
            await Assert.ThrowsAsync<StartupException>(() => app.Get<AccessKeyService>().RevokeRootAsync(2, Ct));
        }

        // Its file is of no more use, and of no harm.
        await using (var app = new AuthServerApp(("Data:Directory", folder.Path)))
        {
            var ada = new LoggedInDevice(app.CreateClient(), before.Pair);
            await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_invalid");
        }

        File.Delete(FileOf(folder, 1));
        await using var last = new AuthServerApp(("Data:Directory", folder.Path));
        last.CreateClient();
        Assert.Equal([2], (await UsesAsync(last)).Select(use => use.Number));
    }

    [Fact]
    public async Task Highest_keeps_newer_root_key_from_creating()
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        Write(folder, 2);
        await using var app = new AuthServerApp(("Data:Directory", folder.Path), ("Keys:Highest", "1"));
        Assert.Equal(1, NumberOf((await app.LogInAsync("ada")).Pair.RefreshToken));
        Assert.Equal([(1, 1, 2), (2, 0, 0)], await UsesAsync(app));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task First_start_that_was_interrupted_is_completed(bool isKnown)
    {
        using var folder = new TempFolder();
        await LogInOnceAsync(folder);
        var draft = FileOf(folder, 1) + ".new";
        File.Move(FileOf(folder, 1), draft);
        if (!isKnown)
        {
            File.Delete(Path.Combine(folder.Path, "authserver.db"));
        }

        var before = await File.ReadAllTextAsync(draft, Ct);
        await LogInOnceAsync(folder);
        Assert.Equal(before, await File.ReadAllTextAsync(FileOf(folder, 1), Ct));
        Assert.False(File.Exists(draft));
    }

    private static AuthServerApp At(TempFolder folder, DateTimeOffset now) =>
        new(("Data:Directory", folder.Path)) { Clock = new(now) };

    private static async Task<LoggedInDevice> LogInOnceAsync(TempFolder folder)
    {
        await using var app = new AuthServerApp(("Data:Directory", folder.Path));
        return await app.LogInAsync("ada");
    }

    private static async Task<IEnumerable<(int Number, int AccessKeys, int Sessions)>> UsesAsync(AuthServerApp app) =>
        (await app.Get<RootKeyService>().FindUsesAsync(Ct)).Select(use => (use.Number, use.AccessKeys, use.Sessions));

    private static string FileOf(TempFolder folder, int number) => Path.Combine(folder.Path, "keys", $"root-{number}.key");

    private static void Write(TempFolder folder, int number)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        File.WriteAllText(
            FileOf(folder, number),
            Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(RootKeyRing.KeyLength)));
    }

    private static byte NumberOf(string refreshToken) => System.Buffers.Text.Base64Url.DecodeFromChars(refreshToken)[1];
}
