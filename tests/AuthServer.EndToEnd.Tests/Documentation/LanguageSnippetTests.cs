using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The back end of the guide in Node.</summary>
public sealed class LanguageSnippetTests(Checkout checkout) : IClassFixture<Checkout>, IAsyncLifetime
{
    private readonly DataFolder data = new();
    private readonly Uri issuer = new($"http://localhost:{LoopbackPort.Free()}");
    private ServerProcess? server;
    private NodeBackEnd? orders;

    private HttpClient Server => server!.Http;

    private NodeBackEnd Orders => orders!;

    public async ValueTask InitializeAsync()
    {
        await StartServerAsync();
        await Server.RegisterAsync("ada");
        var added = await CommandRun.RunAsync(data, "", "resources", "add", "orders");
        orders = await NodeBackEnd.StartAsync(checkout, issuer, Assert.Single(added.Output));
    }

    public async ValueTask DisposeAsync()
    {
        if (orders is not null)
        {
            await orders.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        data.Dispose();
    }

    [Fact]
    public async Task Node_back_end_refuses_forged_token_and_ended_session()
    {
        var (first, second) = (await Server.LogInAsync("ada"), await Server.LogInAsync("ada"));
        Assert.Equal((HttpStatusCode.OK, "The orders of ada."), await Orders.AskAsync(first.AccessToken));
        Assert.Equal(Refusal("access_token_missing"), await Orders.AskAsync(""));
        Assert.Equal(Refusal("access_token_invalid"), await Orders.AskAsync(first.RefreshToken));
        var (one, other) = (first.AccessToken.Split('.'), second.AccessToken.Split('.'));
        Assert.Equal(Refusal("access_token_invalid"), await Orders.AskAsync($"{one[0]}.{one[1]}.{other[2]}"));

        await Server.LogOutAsync(first.RefreshToken);
        await Orders.AnswerBecomesAsync(first.AccessToken, Refusal("session_ended"));
        Assert.Equal(HttpStatusCode.OK, (await Orders.AskAsync(second.AccessToken)).Status);
    }

    [Fact]
    public async Task Node_back_end_misses_no_end_while_server_restarts()
    {
        var (first, second) = (await Server.LogInAsync("ada"), await Server.LogInAsync("ada"));
        await server!.TerminateAsync();
        await server.ExitAsync();
        await Orders.HealthBecomesAsync("Degraded");
        Assert.Equal(HttpStatusCode.OK, (await Orders.AskAsync(first.AccessToken)).Status);
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "sessions", "end", $"{first.SessionId}")).Code);
        Assert.Equal(HttpStatusCode.OK, (await Orders.AskAsync(first.AccessToken)).Status);

        await server.DisposeAsync();
        await StartServerAsync();
        await Orders.HealthBecomesAsync("Healthy");
        Assert.Equal(Refusal("session_ended"), await Orders.AskAsync(first.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await Orders.AskAsync(second.AccessToken)).Status);
        await Server.LogOutAsync(second.RefreshToken);
        await Orders.AnswerBecomesAsync(second.AccessToken, Refusal("session_ended"));
    }

    private static (HttpStatusCode Status, string Text) Refusal(string code) =>
        (HttpStatusCode.Unauthorized, $"{{\"code\":\"{code}\"}}");

    // Tokens outlive the test, so a refusal is for another reason than their age.
    private async Task StartServerAsync() => server = await ServerProcess.StartAsync(
        data,
        $"urls={issuer}",
        "Tokens:Issuer=" + issuer.ToString().TrimEnd('/'),
        "Tokens:Algorithm=ES256",
        "Tokens:AccessLifetime=00:05:00");
}
