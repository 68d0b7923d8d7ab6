using System.Net;
using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Stores of the session, and processes that share one.</summary>
public sealed class StoreTests : IDisposable
{
    private static readonly StoredSession First = new(StubServer.Session, "r0");
    private static readonly StoredSession Second = new(StubServer.Session, "r1");

    private readonly TempFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string InFolder => Path.Combine(folder.Path, "deep", "er", "session.json");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    [InlineData("memory of many users")]
    public async Task Store_replaces_only_expected_session(string kind)
    {
        ITokenStore store = kind switch
        {
            "file" => new FileTokenStore(InFolder),
            "memory" => new MemoryTokenStore(),
            _ => new MemoryTokenStores().For("key"),
        };
        Assert.Null(await store.ReadAsync(Ct));
        Assert.True(await store.TryReplaceAsync(null, null, Ct));
        Assert.False(await store.TryReplaceAsync(First, Second, Ct));
        Assert.True(await store.TryReplaceAsync(null, First, Ct));
        Assert.Equal(First, await store.ReadAsync(Ct));
        Assert.False(await store.TryReplaceAsync(null, null, Ct));
        Assert.False(await store.TryReplaceAsync(null, Second, Ct));
        Assert.False(await store.TryReplaceAsync(Second, null, Ct));
        Assert.True(await store.TryReplaceAsync(First with { }, Second, Ct));
        Assert.Equal(Second, await store.ReadAsync(Ct));
        Assert.True(await store.TryReplaceAsync(Second, null, Ct));
        Assert.Null(await store.ReadAsync(Ct));
    }

    [Fact]
    public async Task File_is_readable_by_owner_only_and_has_no_leftovers()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        await new FileTokenStore(InFolder).TryReplaceAsync(null, First, Ct);
        var parent = Path.GetDirectoryName(InFolder)!;
        Assert.Equal(["session.json", "session.json.lock"], Directory.GetFiles(parent).Select(Path.GetFileName).Order());
        foreach (var file in Directory.GetFiles(parent))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(parent));
    }

    [Fact]
    public async Task File_that_other_accounts_can_read_is_replaced_by_private_one()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        var path = Path.Combine(folder.Path, "session.json");
        const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        foreach (var leftover in new[] { path, path + ".new" })
        {
            await File.WriteAllTextAsync(leftover, "", Ct);
            File.SetUnixFileMode(leftover, Open);
        }

        Assert.True(await new FileTokenStore(path).TryReplaceAsync(null, First, Ct));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"sessionId\":\"11111111-1111-1111-1111-111111111111\",\"refreshTok")]
    [InlineData("{\"sessionId\":\"11111111-1111-1111-1111-111111111111\"}")]
    [InlineData("null")]
    public async Task File_that_does_not_parse_counts_as_none(string content)
    {
        var path = Path.Combine(folder.Path, "session.json");
        await File.WriteAllTextAsync(path, content, Ct);
        var store = new FileTokenStore(path);
        Assert.Null(await store.ReadAsync(Ct));
        Assert.True(await store.TryReplaceAsync(null, First, Ct));
        Assert.Equal(First, await store.ReadAsync(Ct));
    }

    [Fact]
    public async Task Concurrent_replacements_have_one_winner()
    {
        await new FileTokenStore(InFolder).TryReplaceAsync(null, First, Ct);
        var wins = await Task.WhenAll(Enumerable.Range(1, 20).Select(n => Task.Run(
            async () => await new FileTokenStore(InFolder).TryReplaceAsync(First, First with { RefreshToken = $"r{n}" }, Ct),
            Ct)));
        Assert.Single(wins, won => won);
    }

    [Fact]
    public async Task Process_that_starts_again_is_still_logged_in()
    {
        await using var server = await RealServer.StartAsync();
        await using (var before = server.NewDevice(setup => setup.Store = new FileTokenStore(InFolder)))
        {
            await before.LoginAsync();
        }

        await using var after = server.NewDevice(setup => setup.Store = new FileTokenStore(InFolder));
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync()).StatusCode);
        Assert.Equal(1u, await server.RotationsOfAsync(after));
    }

    [Fact]
    public async Task Processes_sharing_file_refresh_without_false_alarm()
    {
        await using var server = await RealServer.StartAsync();
        await using var one = server.NewDevice(setup => setup.Store = new FileTokenStore(InFolder));
        await using var two = server.NewDevice(setup => (setup.Store, setup.Clock) = (new FileTokenStore(InFolder), one.Clock));
        await one.LoginAsync();
        for (var i = 0; i < 10; i++)
        {
            server.Advance(one, TimeSpan.FromSeconds(31));
            var answers = i % 2 == 0
                ? await Task.WhenAll(one.GetAsync(), two.GetAsync())
                : [await one.GetAsync(), await two.GetAsync()];
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        }

        Assert.Equal(0, await server.ReusesAsync());
        Assert.Empty(one.Ended.Concat(two.Ended));
    }

    [Fact]
    public async Task Late_answer_does_not_replace_newer_token()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var store = device.Resolve<ITokenStore>();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        server.OnRefresh = async (n, _) =>
        {
            // Another process has refreshed twice meanwhile.
            await store.TryReplaceAsync(First, new StoredSession(StubServer.Session, "r2"), Ct);
            return StubServer.Pair(n);
        };
        Assert.Equal("a1", await device.GetTokenAsync());
        Assert.Equal("r2", (await store.ReadAsync(Ct))!.RefreshToken);
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Attempt_after_failure_presents_token_of_another_process()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        server.OnRefresh = async (n, _) =>
        {
            Assert.Equal(n == 1, await device.Resolve<ITokenStore>().TryReplaceAsync(First, Second, Ct));
            return n == 1 ? throw new HttpRequestException("gone") : StubServer.Pair(n);
        };
        await device.Clock.PassAsync(device.GetTokenAsync());
        Assert.Equal(["r0", "r1"], server.Presented);
    }

    [Fact]
    public async Task Refusal_of_token_replaced_by_another_process_ends_nothing()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        server.OnRefresh = async (n, _) =>
        {
            await device.Resolve<ITokenStore>().TryReplaceAsync(First, Second, Ct);
            return n == 1 ? StubServer.Problem(401, "refresh_token_invalid") : StubServer.Pair(n);
        };
        Assert.Equal("a2", await device.GetTokenAsync());
        Assert.Equal(["r0", "r1"], server.Presented);
        Assert.Empty(device.Ended);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_of_session_is_raised_once_in_each_process(bool atRefresh)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Ok()) };
        await using var one = await server.LogInAsync(setup => setup.Store = new FileTokenStore(InFolder));
        await using var two = new Device(
            StubServer.Address, setup => (setup.Primary, setup.Store) = (server, new FileTokenStore(InFolder)));
        await two.GetAsync();
        var answers = new TaskCompletionSource<HttpResponseMessage>();
        var asked = new TaskCompletionSource();
        server.OnCall = _ => Task.FromResult(StubServer.Problem(401, "session_ended", "revoked"));
        server.OnRefresh = (_, _) =>
        {
            asked.SetResult();
            return answers.Task;
        };
        two.Clock.Advance(atRefresh ? TimeSpan.FromSeconds(20) : TimeSpan.Zero);
        var waiting = atRefresh ? two.GetAsync() : Task.FromResult(StubServer.Ok());
        await (atRefresh ? asked.Task : Task.CompletedTask);
        await one.GetAsync();
        answers.SetResult(StubServer.Problem(401, "session_ended", "revoked"));
        await waiting;
        await Task.WhenAll(two.GetAsync(), two.GetAsync());
        Assert.Equal("revoked", Assert.Single(one.Ended).Reason);
        Assert.Equal("revoked", Assert.Single(two.Ended).Reason);
    }
}
