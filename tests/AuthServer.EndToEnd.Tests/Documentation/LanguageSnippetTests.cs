using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The back end of the guide in Node, made by the commands of the guide beside a copy of the sources.</summary>
public sealed class LanguageSnippetTests : IClassFixture<Checkout>, IAsyncLifetime
{
    private const string Program = "../orders-node/orders.mjs";

    private readonly Checkout checkout;
    private readonly DataFolder data = new();

    // Only makes a test fail that waits for an answer which never comes.
    private readonly CancellationTokenSource end = new(TimeSpan.FromMinutes(5));

    private readonly string issuer = $"http://localhost:{LoopbackPort.Free()}";
    private readonly HttpClient orders = new() { BaseAddress = new Uri($"http://localhost:{LoopbackPort.Free()}") };
    private ServerProcess? server;
    private Process? node;

    public LanguageSnippetTests(Checkout checkout) => this.checkout = checkout;

    private HttpClient Server => server!.Http;

    public async ValueTask InitializeAsync()
    {
        await NpmPackages.SkipUnlessInstalledAsync();
        if (!File.Exists(checkout.PathOf(Program)))
        {
            var install = Guide.Snippet("bash", "npm install --prefix");
            Assert.Contains($" jose@{NpmPackages.VersionOf("jose")} ", install, StringComparison.Ordinal);
            await checkout.RunLinesAsync(install);
        }

        await checkout.WriteAsync(Program, Guide.Snippet("js", "createRemoteJWKSet").WithServer(new Uri(issuer))
            .Replace("listen(5090)", $"listen({orders.BaseAddress!.Port})", StringComparison.Ordinal));
        await StartServerAsync();
        await Server.RegisterAsync("ada");
        var added = await CommandRun.RunAsync(data, "", "resources", "add", "orders");
        node = Process.Start(checkout.StartOf($"AUTHSERVER_SECRET={Assert.Single(added.Output)} exec node {Program}"))!;
        await HealthBecomesAsync("Healthy");
    }

    public async ValueTask DisposeAsync()
    {
        if (node is not null)
        {
            node.Kill(entireProcessTree: true);
            await node.WaitForExitAsync(CancellationToken.None);
            node.Dispose();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        end.Dispose();
        orders.Dispose();
        data.Dispose();
    }

    [Fact]
    public async Task Node_back_end_refuses_forged_token_and_ended_session()
    {
        var (first, second) = (await Server.LogInAsync("ada"), await Server.LogInAsync("ada"));
        Assert.Equal((HttpStatusCode.OK, "The orders of ada."), await AskAsync(first.AccessToken));
        Assert.Equal(Refusal("access_token_missing"), await AskAsync(""));
        Assert.Equal(Refusal("access_token_invalid"), await AskAsync(first.RefreshToken));
        var (one, other) = (first.AccessToken.Split('.'), second.AccessToken.Split('.'));
        Assert.Equal(Refusal("access_token_invalid"), await AskAsync($"{one[0]}.{one[1]}.{other[2]}"));

        await Server.LogOutAsync(first.RefreshToken);
        await AnswerBecomesAsync(first.AccessToken, Refusal("session_ended"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(second.AccessToken)).Status);
    }

    [Fact]
    public async Task Node_back_end_misses_no_end_while_server_restarts()
    {
        var (first, second) = (await Server.LogInAsync("ada"), await Server.LogInAsync("ada"));
        await server!.TerminateAsync();
        await server.ExitAsync();
        await HealthBecomesAsync("Degraded");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(first.AccessToken)).Status);
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "sessions", "end", $"{first.SessionId}")).Code);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(first.AccessToken)).Status);

        await server.DisposeAsync();
        await StartServerAsync();
        await HealthBecomesAsync("Healthy");
        Assert.Equal(Refusal("session_ended"), await AskAsync(first.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(second.AccessToken)).Status);
        await Server.LogOutAsync(second.RefreshToken);
        await AnswerBecomesAsync(second.AccessToken, Refusal("session_ended"));
    }

    private static (HttpStatusCode Status, string Text) Refusal(string code) =>
        (HttpStatusCode.Unauthorized, $"{{\"code\":\"{code}\"}}");

    // Tokens outlive the test, so a refusal is for another reason than their age.
    private async Task StartServerAsync() => server = await ServerProcess.StartAsync(
        data,
        "urls=" + issuer,
        "Tokens:Issuer=" + issuer,
        "Tokens:Algorithm=ES256",
        "Tokens:AccessLifetime=00:05:00");

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders");
        request.Headers.Authorization = accessToken.Length > 0 ? new AuthenticationHeaderValue("Bearer", accessToken) : null;
        using var answer = await orders.SendAsync(request, end.Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(end.Token));
    }

    private async Task AnswerBecomesAsync(string accessToken, (HttpStatusCode Status, string Text) expected)
    {
        while (await AskAsync(accessToken) != expected)
        {
            // The back end has not heard of it yet.
        }
    }

    private async Task HealthBecomesAsync(string word)
    {
        string? text;
        do
        {
            Assert.False(node!.HasExited, node.HasExited ? await node.StandardError.ReadToEndAsync(end.Token) : "");
            try
            {
                text = await orders.GetStringAsync("/health", end.Token);
            }
            catch (HttpRequestException)
            {
                text = null;
            }
        }
        while (text?.StartsWith(word, StringComparison.Ordinal) != true);
    }
}
