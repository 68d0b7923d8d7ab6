using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using AuthServer.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthServer.Client.Tests.Support;

/// <summary>A program that uses the client: one user on one device.</summary>
public sealed class Device : IAsyncDisposable
{
    public const string Password = AuthServerApp.Password;

    private readonly ServiceProvider provider;

    public Device(Uri server, Action<DeviceSettings>? setUp = null)
    {
        var setup = new DeviceSettings { Server = server };
        setUp?.Invoke(setup);
        Clock = setup.Clock;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(setup.Store);
        var own = services.AddAuthServerClient(options =>
        {
            options.ServerAddress = setup.Server;
            foreach (var origin in setup.Origins)
            {
                options.Origins.Add(origin);
            }
        });
        var api = services.AddHttpClient("api", http => http.BaseAddress = new Uri(setup.Server.AbsoluteUri.TrimEnd('/') + "/"));
        setup.ConfigureApi(api);
        if (setup.Primary is { } primary)
        {
            own.ConfigurePrimaryHttpMessageHandler(() => primary);
            api.ConfigurePrimaryHttpMessageHandler(() => primary);
        }

        provider = services.BuildServiceProvider();
        Auth = provider.GetRequiredService<AuthServerClient>();
        Auth.SessionEnded += (_, ended) => Ended.Enqueue(ended);
        Api = provider.GetRequiredService<IHttpClientFactory>().CreateClient("api");
    }

    public AuthServerClient Auth { get; }

    /// <summary>A client of the program's own, with tokens.</summary>
    public HttpClient Api { get; }

    public DeviceClock Clock { get; }

    public LogRecorder Log { get; } = new();

    public ConcurrentQueue<SessionEndedEventArgs> Ended { get; } = [];

    public T Resolve<T>()
        where T : notnull => provider.GetRequiredService<T>();

    public Task<HttpResponseMessage> GetAsync(string path = "me") =>
        Api.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken);

    public Task LoginAsync(string username = "ada", string? deviceName = null) =>
        Auth.LoginAsync(username, Password, deviceName, TestContext.Current.CancellationToken);

    public Task<string?> GetTokenAsync() => Auth.GetAccessTokenAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await provider.DisposeAsync();
    }
}

/// <summary>Settings of a device.</summary>
public sealed class DeviceSettings
{
    public required Uri Server { get; set; }

    public DeviceClock Clock { get; set; } = new();

    public ITokenStore Store { get; set; } = new MemoryTokenStore();

    public Collection<Uri> Origins { get; } = [];

    /// <summary>Replaces the network; null for the network.</summary>
    public HttpMessageHandler? Primary { get; set; }

    /// <summary>Builds the chain of the program's own client.</summary>
    public Action<IHttpClientBuilder> ConfigureApi { get; set; } = api => api.AddAuthServerTokens();
}
