using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A web server for the files of a folder, whose origin differs from that of the server under test.</summary>
public sealed class StaticFiles : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly string folder;
    private readonly Task serving;

    public StaticFiles(string folder)
    {
        this.folder = folder;
        Origin = $"http://localhost:{LoopbackPort.Free()}";
        listener.Prefixes.Add(Origin + "/");
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>The origin, as browsers write it.</summary>
    public string Origin { get; }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await listener.GetContextAsync());
            }
        }
        catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
        {
            // The listener has been stopped.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var response = context.Response;
        var path = context.Request.Url!.AbsolutePath;
        var file = Path.Combine(folder, path == "/" ? "index.html" : path[1..]);
        if (!File.Exists(file))
        {
            response.StatusCode = 404;
            return;
        }

        response.ContentType = Path.GetExtension(file) switch
        {
            ".html" => "text/html",
            ".js" => "text/javascript",
            ".json" => "application/json",
            ".wasm" => "application/wasm",
            _ => "application/octet-stream",
        };
        await response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
    }
}
