using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>The back end of the guide in Node, made by the commands of the guide beside a copy of the sources.</summary>
public sealed class NodeBackEnd : IAsyncDisposable
{
    private const string Program = "../orders-node/orders.mjs";

    // Only makes a test fail that waits for an answer which never comes.
    private readonly CancellationTokenSource end = new(TimeSpan.FromMinutes(10));

    private readonly Process process;
    private readonly HttpClient http;

    private NodeBackEnd(Process process, HttpClient http) => (this.process, this.http) = (process, http);

    /// <summary>Starts it, and waits until it hears which sessions end. Skips the test if npm is not installed.</summary>
    /// <param name="checkout">A copy of the sources.</param>
    /// <param name="issuer">The address of the server, which is its issuer.</param>
    /// <param name="secret">The secret of the back end <c>orders</c>.</param>
    public static async Task<NodeBackEnd> StartAsync(Checkout checkout, Uri issuer, string secret)
    {
        await NpmPackages.SkipUnlessInstalledAsync();
        if (!File.Exists(checkout.PathOf(Program)))
        {
            var install = Guide.Snippet("bash", "npm install --prefix");
            Assert.Contains($" jose@{NpmPackages.VersionOf("jose")} ", install, StringComparison.Ordinal);
            await checkout.RunLinesAsync(install);
        }

        var port = LoopbackPort.Free();
        await checkout.WriteAsync(Program, Guide.Snippet("js", "createRemoteJWKSet").WithServer(issuer)
            .Replace("listen(5090)", string.Create(CultureInfo.InvariantCulture, $"listen({port})"), StringComparison.Ordinal));
        var process = Process.Start(checkout.StartOf($"AUTHSERVER_SECRET={secret} exec node {Program}"))!;
        var node = new NodeBackEnd(process, new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") });
        await node.HealthBecomesAsync("Healthy");
        return node;
    }

    /// <summary>Presents an access token.</summary>
    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders");
        request.Headers.Authorization = accessToken.Length > 0 ? new AuthenticationHeaderValue("Bearer", accessToken) : null;
        using var answer = await http.SendAsync(request, end.Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(end.Token));
    }

    /// <summary>Presents an access token until it is answered so. The back end may not have heard of it yet.</summary>
    public Task AnswerBecomesAsync(string accessToken, (HttpStatusCode Status, string Text) expected) =>
        Eventually.BecomesAsync(async () => await AskAsync(accessToken) == expected);

    /// <summary>Asks for its health until the answer begins with a word.</summary>
    public Task HealthBecomesAsync(string word) => Eventually.BecomesAsync(async () =>
    {
        Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync(end.Token) : "");
        try
        {
            return (await http.GetStringAsync("/health", end.Token)).StartsWith(word, StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        http.Dispose();
        end.Dispose();
    }
}
