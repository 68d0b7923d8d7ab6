using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Client.Tests.Support;

/// <summary>The real server on Kestrel behind a proxy, with the users <c>ada</c> and <c>bob</c>.</summary>
public sealed class RealServer : IAsyncDisposable
{
    private RealServer(AuthServerApp app, FlakyProxy proxy) => (App, Proxy) = (app, proxy);

    public AuthServerApp App { get; }

    public FlakyProxy Proxy { get; }

    public static Task<RealServer> StartAsync(params (string Key, string Value)[] settings) =>
        StartAsync(new AuthServerApp(settings));

    /// <summary>A server whose mails go to a mailbox.</summary>
    internal static Task<RealServer> StartAsync(Mailbox mailbox, params (string Key, string Value)[] settings) =>
        StartAsync(mailbox.CreateApp(settings));

    private static async Task<RealServer> StartAsync(AuthServerApp app)
    {
        app.UseKestrel(0);
        await app.LogInAsync("ada");
        await app.LogInAsync("bob");
        return new RealServer(app, await FlakyProxy.StartAsync(app.CreateClient()));
    }

    /// <summary>A device that uses the server through the proxy.</summary>
    public Device NewDevice(Action<DeviceSettings>? setUp = null) => new(Proxy.Address, setUp);

    /// <summary>Lets time pass for the server and for a device.</summary>
    public void Advance(Device device, TimeSpan time)
    {
        App.Clock.Advance(time);
        device.Clock.Advance(time);
    }

    /// <summary>Number of rotations of a device's session.</summary>
    public async Task<uint> RotationsOfAsync(Device device)
    {
        var id = (await device.Resolve<ITokenStore>().ReadAsync(TestContext.Current.CancellationToken))!.SessionId;
        return await App.InDatabaseAsync(db => db.Sessions.Where(s => s.Id == id).Select(s => s.Generation).SingleAsync());
    }

    /// <summary>Number of sessions that ended as reused.</summary>
    public Task<int> ReusesAsync() => App.InDatabaseAsync(db => db.Events.CountAsync(e => e.Reason == EndReason.Reused));

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await App.DisposeAsync();
    }
}
