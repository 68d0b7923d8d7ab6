namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>One server for all tests of a class. No test stops or reconfigures it.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly DataFolder data = new();
    private ServerProcess? process;

    public HttpClient Http => process!.Http;

    public async ValueTask InitializeAsync() => process = await ServerProcess.StartAsync(data);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        data.Dispose();
    }
}
