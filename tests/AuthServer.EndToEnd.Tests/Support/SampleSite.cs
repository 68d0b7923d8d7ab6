using System.Collections.Concurrent;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A server, and the server-rendered samples that use it. They start once for all tests of a class.</summary>
public sealed class SampleSite : IAsyncLifetime
{
    private readonly DataFolder data = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<SampleApplication>>> samples = new();
    private ServerProcess? server;

    /// <summary>A client of the server.</summary>
    public HttpClient Server => server!.Http;

    public async ValueTask InitializeAsync() =>
        server = await ServerProcess.StartAsync(data, "Proxies:Known:0=127.0.0.1", "Proxies:Known:1=::1");

    /// <summary>A sample that runs. Skips the test if the sample needs npm and that is missing.</summary>
    public Task<SampleApplication> GetAsync(string name) => samples.GetOrAdd(
        name, new Lazy<Task<SampleApplication>>(() => SampleApplication.StartAsync(name, Server.BaseAddress!))).Value;

    /// <summary>A browser with an account, on the first page of a sample.</summary>
    public async Task<FormBrowser> LogInAsync(string sample, string username)
    {
        await Server.RegisterAsync(username);
        var browser = new FormBrowser((await GetAsync(sample)).Address);
        await browser.LogInAsync(username);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sample in samples.Values.Where(sample => sample.Value.IsCompletedSuccessfully))
        {
            await (await sample.Value).DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        data.Dispose();
    }
}
