namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The Blazor sample, published once for the tests of a class by the command of the guide.</summary>
public sealed class BlazorSample : IAsyncDisposable
{
    private readonly Checkout checkout = new();
    private StaticFiles? files;

    private string Folder => checkout.PathOf("../Blazor/wwwroot");

    /// <summary>Publishes the sample and serves its files, unless they are served already. Returns their origin.</summary>
    public async Task<string> ServeAsync()
    {
        if (files is null)
        {
            // The sample is compiled nowhere else, so it is analyzed here. No test needs its compressed files.
            var command = Guide.Snippet("bash", "dotnet publish src/Samples/BlazorClient").TrimEnd();
            await checkout.RunAsync(command + " -p:RunAnalyzers=true -p:CompressionEnabled=false");
            files = new StaticFiles(Folder);
        }

        return files.Origin;
    }

    /// <summary>Sets the address of the server that the sample calls.</summary>
    public Task ConnectAsync(Uri server) => checkout.WriteAsync(
        Path.Combine(Folder, "appsettings.json"), $$"""{ "AuthServer": "{{server}}" }""");

    public async ValueTask DisposeAsync()
    {
        if (files is not null)
        {
            await files.DisposeAsync();
        }

        checkout.Dispose();
    }
}
