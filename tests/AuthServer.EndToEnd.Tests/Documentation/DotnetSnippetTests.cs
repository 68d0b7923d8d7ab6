using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>Programs of the guide, made by the commands of the guide in a copy of the sources.</summary>
public sealed class DotnetSnippetTests(Checkout checkout) : IClassFixture<Checkout>, IDisposable
{
    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Program_for_dotnet_developers_works()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Demo\n"));
        var program = Guide.Snippet("csharp", "AddAuthServerTokens").WithServer(server.Http.BaseAddress!);
        await checkout.WriteAsync("../Demo/Program.cs", program);
        await checkout.WriteAsync("../Demo/Usings.cs", "global using Microsoft.Extensions.DependencyInjection;");
        await checkout.WriteAsync("../Demo/Readme.cs", ReadmeOf("AuthServer.Client", 0, "IServiceCollection services"));
        await checkout.WriteAsync(
            "../Demo/Use.cs", ReadmeOf("AuthServer.Client", 1, "IServiceProvider provider, string password"));
        var output = await checkout.RunAsync("dotnet run --project ../Demo");
        Assert.Contains("\"username\":\"ada\"", output, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), data.Sessions());
    }

    [Fact]
    public async Task Test_against_server_in_memory_passes()
    {
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Demo.Tests\n"));
        await checkout.WriteAsync("../Demo.Tests/Program.cs", Guide.Snippet("csharp", "WebApplicationFactory"));
        await checkout.WriteAsync(
            "../Demo.Tests/Readme.cs",
            ReadmeOf("AuthServer.Bearer", 0, "WebApplicationBuilder builder, WebApplication app"));
        await checkout.WriteAsync(
            "../Demo.Tests/MyKeys.cs",
            """
            global using Microsoft.AspNetCore.Builder;
            global using Microsoft.Extensions.DependencyInjection;

            internal sealed class MyKeys : AuthServer.Bearer.IAccessTokenKeys
            {
                public ValueTask<Microsoft.IdentityModel.Tokens.SecurityKey?> FindAsync(string keyId) => default;
            }
            """);
        var report = await checkout.RunAsync("dotnet run --project ../Demo.Tests");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_back_end_takes_access_tokens_while_they_live()
    {
        var issuer = $"http://localhost:{LoopbackPort.Free()}";
        await using var server = await ServerProcess.StartAsync(
            data, "urls=" + issuer, "Tokens:Issuer=" + issuer, "Tokens:Algorithm=ES256", "Tokens:AccessLifetime=00:00:05");
        await server.Http.RegisterAsync("ada");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Orders\n"));
        await checkout.WriteAsync("../Orders/Program.cs", Guide.Snippet("csharp", "AddJwtBearer")
            .Replace("http://localhost:5080", issuer, StringComparison.Ordinal));
        await checkout.RunAsync("dotnet build ../Orders");
        var address = new Uri($"http://localhost:{LoopbackPort.Free()}");
        using var orders = Process.Start(checkout.StartOf(Guide.Snippet("bash", "--project ../Orders").Split('\n')[1]
            .Replace("http://localhost:5090", address.ToString(), StringComparison.Ordinal)))!;
        try
        {
            await ReadToAsync(orders, "Now listening");
            using var http = new HttpClient { BaseAddress = address };
            var pair = await server.Http.LogInAsync("ada");
            var answer = await GetAsync(http, "/orders", pair.AccessToken);
            Assert.Equal("The orders of ada.", await answer.ShouldBeAsync(HttpStatusCode.OK));
            await (await GetAsync(http, "/orders", pair.RefreshToken)).ShouldBeAsync(HttpStatusCode.Unauthorized);
            while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() < ExpiryOf(pair.AccessToken))
            {
                await Task.Yield();
            }

            await (await GetAsync(http, "/orders", pair.AccessToken)).ShouldBeAsync(HttpStatusCode.Unauthorized);
        }
        finally
        {
            orders.Kill(entireProcessTree: true);
            await orders.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Published_server_starts()
    {
        var lines = Guide.Snippet("bash", "dotnet publish src/AuthServer -c Release").Split('\n');
        await checkout.RunAsync(lines[0].Replace("linux-x64", RuntimeInformation.RuntimeIdentifier, StringComparison.Ordinal));
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Assembly = checkout.PathOf("publish/AuthServer.dll"),
            WorkingDirectory = checkout.PathOf("publish"),
            Variables = Guide.VariablesOf(lines[2]),
        });
    }

    [Fact]
    public async Task Private_route_greets_its_caller()
    {
        await checkout.WriteAsync("src/AuthServer/Greetings/GreetingEndpoints.cs", Guide.Snippet("csharp", "MapGreetings"));
        var program = await File.ReadAllTextAsync(checkout.PathOf("src/AuthServer/Program.cs"), Ct);
        program = InsertBefore(program, "using AuthServer.Health;", "using AuthServer.Greetings;\n");
        program = InsertBefore(program, "    app.MapHealth();", "    app.MapGreetings();\n");
        await checkout.WriteAsync("src/AuthServer/Program.cs", program);
        await checkout.RunAsync("dotnet build src/AuthServer -p:RunAnalyzers=true -o ../Greeting");

        var command = new ServerCommand(data) { Assembly = checkout.PathOf("../Greeting/AuthServer.dll") };
        await using var server = await ServerProcess.StartAsync(command);
        var anonymous = await server.Http.GetAsync("/greeting", Ct);
        await anonymous.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "access_token_missing");
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        var greeting = await (await GetAsync(server.Http, "/greeting", pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains($"\"sessionId\":\"{pair.SessionId}\"", greeting, StringComparison.Ordinal);
    }

    private static long ExpiryOf(string accessToken) =>
        (long)JsonNode.Parse(Base64Url.DecodeFromChars(accessToken.Split('.')[1]))!["exp"]!;

    // A snippet of a package's README as a method, whose parameters are the variables that a program has. It is compiled.
    private static string ReadmeOf(string package, int snippet, string parameters)
    {
        var lines = Guide.Read($"src/{package}/README.md").Snippets("csharp").ElementAt(snippet).Split('\n');
        return $$"""
            using {{package}};
            internal static class Snippet{{snippet}}
            {
                public static async Task RunAsync({{parameters}})
                {
                    await Task.Yield();
                    {{string.Join('\n', lines.Where(line => !line.StartsWith("using ", StringComparison.Ordinal)))}}
                }
            }
            """;
    }

    private static string InsertBefore(string text, string line, string inserted)
    {
        Assert.Contains(line, text, StringComparison.Ordinal);
        return text.Replace(line, inserted + line, StringComparison.Ordinal);
    }

    private static async Task ReadToAsync(Process process, string text)
    {
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(Ct);
            Assert.NotNull(line);
        }
        while (!line.Contains(text, StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient http, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, Ct);
    }
}
