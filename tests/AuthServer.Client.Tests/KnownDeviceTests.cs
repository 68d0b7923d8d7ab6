using AuthServer.Client.Tests.Support;
using AuthServer.Core;
using AuthServer.Tests.Support;
using AuthServer.Tokens;

namespace AuthServer.Client.Tests;

/// <summary>The device token, which the client keeps beside the session and sends with the next login.</summary>
public sealed class KnownDeviceTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Login_after_logout_is_of_same_device(bool file)
    {
        await using var server = await RealServer.StartAsync();
        await using var device = NewDevice(server, file);
        await device.LoginAsync();
        var first = await ReadAsync(server, device);
        await device.Auth.LogoutAsync(Ct);
        Assert.NotNull(await ReadAsync(server, device));
        server.App.Clock.Advance(TimeSpan.FromDays(1));
        await device.LoginAsync();
        var second = await ReadAsync(server, device);
        Assert.Equal(first.DeviceId, second.DeviceId);
        Assert.Equal(TimeSpan.FromDays(1), second.IssuedAt - first.IssuedAt);
    }

    [Fact]
    public async Task Change_of_password_renews_device_token()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = NewDevice(server, file: false);
        await device.LoginAsync();
        var first = await ReadAsync(server, device);
        await device.Auth.ChangePasswordAsync(Device.Password, "analytical engine number two", cancellationToken: Ct);
        var second = await ReadAsync(server, device);
        Assert.Equal(first.DeviceId, second.DeviceId);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Login_of_another_user_makes_another_device()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = NewDevice(server, file: true);
        await device.LoginAsync("ada");
        var first = await ReadAsync(server, device);
        await device.LoginAsync("bob");
        Assert.NotEqual(first.DeviceId, (await ReadAsync(server, device)).DeviceId);
    }

    [Fact]
    public async Task Store_of_older_program_works_without_device_token()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice(settings => settings.Store = new WatchedStore());
        await device.LoginAsync();
        await device.LoginAsync();
        Assert.Null(await device.Resolve<ITokenStore>().ReadDeviceTokenAsync(Ct));
        Assert.NotNull(await device.GetTokenAsync());
    }

    [Fact]
    public async Task Device_token_is_in_file_of_owner_that_outlives_session()
    {
        var path = Path.Combine(folder.Path, "deep", "session.json");
        var store = new FileTokenStore(path);
        Assert.Null(await store.ReadDeviceTokenAsync(Ct));
        await store.WriteDeviceTokenAsync("d1", Ct);
        await store.WriteDeviceTokenAsync("d2", Ct);
        var session = new StoredSession(StubServer.Session, "r0");
        Assert.True(await store.TryReplaceAsync(null, session, Ct));
        Assert.True(await store.TryReplaceAsync(session, null, Ct));
        Assert.Equal("d2", await new FileTokenStore(path).ReadDeviceTokenAsync(Ct));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path + ".device"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Device_token_that_can_not_be_stored_fails_no_login(bool file)
    {
        await using var server = await RealServer.StartAsync();
        var path = Path.Combine(folder.Path, "session.json");
        Directory.CreateDirectory(path + ".device");
        await using var device = server.NewDevice(
            settings => settings.Store = file ? new FileTokenStore(path) : new StoreWithoutDevice());
        await device.LoginAsync();
        await device.LoginAsync();
        await device.Auth.ChangePasswordAsync(Device.Password, "analytical engine number two", cancellationToken: Ct);
        Assert.NotNull(await device.GetTokenAsync());
        Assert.Equal(3, device.Log.Lines.Count(line => line.Event == "DeviceTokenNotRead"));
        Assert.Equal(3, device.Log.Lines.Count(line => line.Event == "DeviceTokenNotWritten"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d1\n")]
    [InlineData("기기")]
    public async Task Stored_text_that_no_header_can_have_is_no_device_token(string text)
    {
        await using var server = await RealServer.StartAsync();
        await using var device = NewDevice(server, file: true);
        await device.Resolve<ITokenStore>().WriteDeviceTokenAsync(text, Ct);
        await device.LoginAsync();
        Assert.NotNull(await ReadAsync(server, device));
    }

    private Device NewDevice(RealServer server, bool file) => server.NewDevice(settings => settings.Store =
        file ? new FileTokenStore(Path.Combine(folder.Path, "session.json")) : new MemoryTokenStore());

    private static async Task<DeviceToken> ReadAsync(RealServer server, Device device) => DeviceToken.Parse(
        await device.Resolve<ITokenStore>().ReadDeviceTokenAsync(Ct),
        server.App.Get<ServerKeys>().Devices,
        server.App.Clock.GetUtcNow())!;

    /// <summary>A store that keeps sessions, and fails with an exception of its own at device tokens.</summary>
    private sealed class StoreWithoutDevice : ITokenStore
    {
        private readonly MemoryTokenStore store = new();

        public ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken) => store.ReadAsync(cancellationToken);

        public ValueTask<bool> TryReplaceAsync(
            StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken) =>
            store.TryReplaceAsync(expected, replacement, cancellationToken);

        public ValueTask<string?> ReadDeviceTokenAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException("no device");

        public ValueTask WriteDeviceTokenAsync(string deviceToken, CancellationToken cancellationToken) =>
            throw new NotSupportedException("no device");
    }
}
