using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthServer.Client.Tests.Support;

/// <summary>A request that arrived at the proxy.</summary>
/// <param name="Path">Its path below the prefix.</param>
/// <param name="Authorization">The header; null for none.</param>
/// <param name="Status">The status of the server's answer; null if the request was not forwarded.</param>
/// <param name="Body">The body of the server's answer.</param>
public sealed record Passage(string Path, string? Authorization, int? Status, string? Body);

/// <summary>A proxy between a device and the server that loses requests and answers, as a test sets it.</summary>
public sealed class FlakyProxy : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient server;
    private readonly ConcurrentQueue<Passage> passages = [];
    private int refreshes;

    private FlakyProxy(HttpClient server)
    {
        this.server = server;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Map(Prefix + "/{**path}", PassAsync);
    }

    /// <summary>The path that the server lives under, as seen through the proxy.</summary>
    public const string Prefix = "/auth";

    public Uri Address => new(app.Urls.Single() + Prefix);

    /// <summary>True if requests are lost before they reach the server.</summary>
    public bool IsAway { get; set; }

    /// <summary>True if the server's answer to the refresh of this number, counted from 1, is lost.</summary>
    public Func<int, bool> LosesAnswer { get; set; } = _ => false;

    public IReadOnlyCollection<Passage> Passages => passages;

    /// <summary>The refreshes that reached the server.</summary>
    public IEnumerable<Passage> Refreshes => passages.Where(passage => passage is { Path: "refresh", Status: not null });

    public static async Task<FlakyProxy> StartAsync(HttpClient server)
    {
        var proxy = new FlakyProxy(server);
        await proxy.app.StartAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task PassAsync(HttpContext http, string path = "")
    {
        var authorization = http.Request.Headers.Authorization is [{ } value] ? value : null;
        if (IsAway)
        {
            passages.Enqueue(new Passage(path, authorization, null, null));
            http.Abort();
            return;
        }

        using var answer = await server.SendAsync(await CopyAsync(http.Request, path), TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        passages.Enqueue(new Passage(path, authorization, (int)answer.StatusCode, body));
        if (path == "refresh" && LosesAnswer(Interlocked.Increment(ref refreshes)))
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        var headers = answer.Headers.Concat(answer.Content.Headers);
        foreach (var (name, values) in headers.Where(header => header.Key != "Transfer-Encoding"))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        // A 204 must have no body, not even an empty one.
        await (body.Length == 0 ? Task.CompletedTask : http.Response.WriteAsync(body, TestContext.Current.CancellationToken));
    }

    private static async Task<HttpRequestMessage> CopyAsync(HttpRequest request, string path)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
        var copy = new HttpRequestMessage(new HttpMethod(request.Method), path + request.QueryString);
        if (body.Length > 0)
        {
            copy.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in request.Headers.Where(header => header.Key is not ("Host" or "Transfer-Encoding")))
        {
            _ = copy.Headers.TryAddWithoutValidation(name, values.AsEnumerable())
                || copy.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable()) == true;
        }

        return copy;
    }
}
