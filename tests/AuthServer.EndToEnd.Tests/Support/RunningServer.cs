namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>One server for all tests of a class. No test stops or reconfigures it.</summary>
public class RunningServer : IAsyncLifetime
{
    private readonly DataFolder data = new();
    private ServerProcess? process;

    public HttpClient Http => process!.Http;

    /// <summary>The lines that the server has written to standard output.</summary>
    public IReadOnlyCollection<string> Output => process!.Output;

    /// <summary>Environment variables of the server.</summary>
    protected virtual IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>();

    public async ValueTask InitializeAsync() =>
        process = await ServerProcess.StartAsync(new ServerCommand(data) { Variables = Variables });

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        data.Dispose();
    }
}
