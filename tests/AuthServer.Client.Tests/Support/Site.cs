using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Client.Tests.Support;

/// <summary>A server-rendered application with many users. Each has a session with a key.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    // Flows with a request, as the HttpContext of ASP.NET Core does.
    private readonly AsyncLocal<string?> current = new();

    /// <param name="server">The address of the server.</param>
    /// <param name="primary">Replaces the network; null for the network.</param>
    /// <param name="openStore">Returns the store of a key; null for the default.</param>
    public Site(Uri server, HttpMessageHandler? primary = null, Func<string, ITokenStore>? openStore = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        var own = services.AddAuthServerClients(
            options => options.ServerAddress = server, openStore is null ? null : (_, key) => openStore(key));
        var api = services.AddHttpClient("api", http => http.BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"))
            .AddAuthServerTokens(_ => current.Value);
        if (primary is not null)
        {
            own.ConfigurePrimaryHttpMessageHandler(() => primary);
            api.ConfigurePrimaryHttpMessageHandler(() => primary);
        }

        provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Clients = provider.GetRequiredService<AuthServerClients>();
        Api = provider.GetRequiredService<IHttpClientFactory>().CreateClient("api");
    }

    public DeviceClock Clock { get; } = new();

    public AuthServerClients Clients { get; }

    /// <summary>A client of the program's own, which all users share.</summary>
    public HttpClient Api { get; }

    public IServiceProvider Services => provider;

    public Task LogInAsync(string key, string username) =>
        Clients.For(key).LoginAsync(username, Device.Password, cancellationToken: TestContext.Current.CancellationToken);

    public Task<string?> GetTokenAsync(string key) =>
        Clients.For(key).GetAccessTokenAsync(TestContext.Current.CancellationToken);

    /// <summary>Requests the profile on behalf of the user with a key; null for no user.</summary>
    public async Task<HttpResponseMessage> GetMeAsync(string? key)
    {
        current.Value = key;
        return await Api.GetAsync(new Uri("me", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    /// <summary>Evicts what is not in use, after the longest time that a client is held without use.</summary>
    public void EvictUnused()
    {
        Clock.Advance(TimeSpan.FromMinutes(5));
        _ = Clients.For("sweeps");
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await provider.DisposeAsync();
    }
}
