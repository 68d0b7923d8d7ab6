using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>Programs of the guide, made by the commands of the guide in a copy of the sources.</summary>
public sealed partial class DotnetSnippetTests(Checkout checkout) : IClassFixture<Checkout>, IDisposable
{
    private const string PublishCommand = "dotnet publish src/AuthServer -c Release ";

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Program_for_dotnet_developers_works()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Demo\n"));
        var program = Guide.Snippet("csharp", "AddAuthServerClient(").WithServer(server.Http.BaseAddress!);
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
        await BuildServerAsync();
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Demo.Tests\n"));
        await checkout.WriteAsync("../Demo.Tests/Program.cs", Guide.Snippet("csharp", "WebApplicationFactory"));
        await checkout.WriteAsync(
            "../Demo.Tests/Readme.cs",
            ReadmeOf("AuthServer.Bearer", 0, "WebApplicationBuilder builder, WebApplication app"));
        await checkout.WriteAsync(
            "../Demo.Tests/Usings.cs",
            """
            global using Microsoft.AspNetCore.Builder;
            global using Microsoft.Extensions.DependencyInjection;
            """);
        var report = await checkout.RunAsync("dotnet run --project ../Demo.Tests");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Back_end_of_guide_refuses_ended_session_at_once()
    {
        await using var server = await StartWithPublicKeysAsync();
        var added = await CommandRun.RunAsync(data, "", "resources", "add", "orders");
        await checkout.RunAsync("rm -rf ../Orders");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "dotnet add ../Orders reference"));
        await using var orders = await StartOrdersAsync(server, "orders/pay", Assert.Single(added.Output));
        await Eventually.BecomesAsync(
            async () => await orders.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Ct) == "Healthy");
        var pair = await server.Http.LogInAsync("ada");
        var answer = await GetAsync(orders.Http, "/orders", pair.AccessToken);
        Assert.Equal("The orders of ada.", await answer.ShouldBeAsync(HttpStatusCode.OK));
        await server.Http.LogOutAsync(pair.RefreshToken);
        await Eventually.BecomesAsync(async () =>
            (answer = await GetAsync(orders.Http, "/orders", pair.AccessToken)).StatusCode != HttpStatusCode.OK);
        await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
    }

    [Fact]
    public async Task Back_end_without_package_takes_access_tokens_while_they_live()
    {
        await using var server = await StartWithPublicKeysAsync("Tokens:AccessLifetime=00:00:05");
        await checkout.RunAsync("rm -rf ../Orders");
        await checkout.RunLinesAsync(
            Guide.Snippet("bash", "dotnet add ../Orders reference").Split('\n')[0]
            + "\ndotnet add ../Orders package Microsoft.AspNetCore.Authentication.JwtBearer --version 10.0.15");
        await using var orders = await StartOrdersAsync(server, "AddJwtBearer", secret: null);
        var pair = await server.Http.LogInAsync("ada");
        var answer = await GetAsync(orders.Http, "/orders", pair.AccessToken);
        Assert.Equal("The orders of ada.", await answer.ShouldBeAsync(HttpStatusCode.OK));
        await (await GetAsync(orders.Http, "/orders", pair.RefreshToken)).ShouldBeAsync(HttpStatusCode.Unauthorized);
        await Eventually.BecomesAsync(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() >= ExpiryOf(pair.AccessToken));
        await (await GetAsync(orders.Http, "/orders", pair.AccessToken)).ShouldBeAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Server_rendered_application_has_session_for_each_user()
    {
        await using var server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:00:02");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Site\n"));
        var program = Guide.Snippet("csharp", "AddAuthServerClients").WithServer(server.Http.BaseAddress!);
        await checkout.WriteAsync("../Site/Program.cs", program);
        await checkout.RunAsync("dotnet build ../Site");
        var address = new Uri($"http://localhost:{LoopbackPort.Free()}");
        var start = checkout.StartOf($"dotnet run --no-build --project ../Site -- --urls {address}");
        await using var site = new StartedProgram(Process.Start(start)!, address);
        await site.BecomesReadyAsync();
        var (ada, bob) = (await LogInAsync("ada"), await LogInAsync("bob"));
        while (data.Sessions().Rotations < 4)
        {
            Assert.Equal(("ada", "bob"), (await NameAsync(ada), await NameAsync(bob)));
        }

        using var forged = await ada.PostAsync("/login", new FormUrlEncodedContent([]), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        await (await ada.PostAsync("/logout", null, Ct)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((null, "bob"), (await NameAsync(ada), await NameAsync(bob)));
        await server.Http.LogOutEverywhereAsync("bob");
        Assert.Null(await NameAsync(bob));

        // The cookie of an ended session does not count either.
        var refused = await bob.PostAsync("/logout", null, Ct);
        Assert.Equal("/login?ReturnUrl=%2Flogout", refused.RequestMessage!.RequestUri!.PathAndQuery);

        async Task<HttpClient> LogInAsync(string username)
        {
            await server.Http.RegisterAsync(username);
            var http = new HttpClient { BaseAddress = address };
            var token = AntiforgeryField().Match(await http.GetStringAsync("/", Ct)).Groups;
            using var form = new FormUrlEncodedContent(
            [
                new("username", username), new("password", HttpAssertions.Password), new(token[1].Value, token[2].Value),
            ]);
            await (await http.PostAsync("/login", form, Ct)).ShouldBeAsync(HttpStatusCode.OK);
            return http;
        }

        // Null if the site asks for a login.
        static async Task<string?> NameAsync(HttpClient http)
        {
            var text = await http.GetStringAsync("/", Ct);
            return text.StartsWith('{') ? (string)JsonNode.Parse(text)!["username"]! : null;
        }
    }

    [Fact]
    public async Task Published_server_starts()
    {
        var lines = Guide.Snippet("bash", PublishCommand).Split('\n');
        var published = ServerCommand.BuildFolder;
        if (ServerCommand.IsPublished)
        {
            // By the same command, before the tests.
            var script = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, ".ci", "run"), Ct);
            Assert.Contains(PublishCommand, script, StringComparison.Ordinal);
        }
        else
        {
            await checkout.RunAsync(
                lines[0].Replace("linux-x64", RuntimeInformation.RuntimeIdentifier, StringComparison.Ordinal));
            published = checkout.PathOf("publish");
        }

        await using var server = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Assembly = Path.Combine(published, "AuthServer.dll"),
            WorkingDirectory = published,
            Variables = Guide.VariablesOf(lines[2]),
        });
    }

    [Fact]
    public async Task Private_route_greets_its_caller()
    {
        await BuildServerAsync();
        var command = new ServerCommand(data) { Assembly = checkout.PathOf("src/AuthServer/bin/Debug/net10.0/AuthServer.dll") };
        await using var server = await ServerProcess.StartAsync(command);
        var anonymous = await server.Http.GetAsync("/greeting", Ct);
        await anonymous.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "access_token_missing");
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        var greeting = await (await GetAsync(server.Http, "/greeting", pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains($"\"sessionId\":\"{pair.SessionId}\"", greeting, StringComparison.Ordinal);
    }

    [GeneratedRegex("<input name=\"([^\"]+)\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryField();

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

    // The server with the private route of the guide. It is built once for all tests that need a build of it.
    private async Task BuildServerAsync()
    {
        const string Route = "src/AuthServer/Greetings/GreetingEndpoints.cs";
        if (File.Exists(checkout.PathOf(Route)))
        {
            return;
        }

        await checkout.WriteAsync(Route, Guide.Snippet("csharp", "MapGreetings"));
        var program = await File.ReadAllTextAsync(checkout.PathOf("src/AuthServer/Program.cs"), Ct);
        program = InsertBefore(program, "using AuthServer.Health;", "using AuthServer.Greetings;\n");
        program = InsertBefore(program, "    app.MapHealth();", "    app.MapGreetings();\n");
        await checkout.WriteAsync("src/AuthServer/Program.cs", program);
        await checkout.RunAsync("dotnet build src/AuthServer -p:RunAnalyzers=true");
    }

    private async Task<ServerProcess> StartWithPublicKeysAsync(params string[] settings)
    {
        var issuer = $"http://localhost:{LoopbackPort.Free()}";
        var server = await ServerProcess.StartAsync(
            data, ["urls=" + issuer, "Tokens:Issuer=" + issuer, "Tokens:Algorithm=ES256", .. settings]);
        await server.Http.RegisterAsync("ada");
        return server;
    }

    // The program of the guide with this mark, by the last command of the guide.
    private async Task<StartedProgram> StartOrdersAsync(ServerProcess server, string mark, string? secret)
    {
        var issuer = server.Http.BaseAddress!.ToString().TrimEnd('/');
        await checkout.WriteAsync("../Orders/Program.cs", Guide.Snippet("csharp", mark)
            .Replace("http://localhost:5080", issuer, StringComparison.Ordinal));
        await checkout.RunAsync("dotnet build ../Orders");
        var address = new Uri($"http://localhost:{LoopbackPort.Free()}");
        var start = checkout.StartOf(Guide.Snippet("bash", "Orders__Secret=").Split('\n')[2]
            .Replace("http://localhost:5090", address.ToString(), StringComparison.Ordinal));
        start.Environment["Orders__Secret"] = secret;
        var orders = new StartedProgram(Process.Start(start)!, address);
        await orders.BecomesReadyAsync();
        return orders;
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient http, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, Ct);
    }

    private sealed class StartedProgram(Process process, Uri address) : IAsyncDisposable
    {
        private Task output = Task.CompletedTask;

        public HttpClient Http { get; } = new() { BaseAddress = address };

        public async Task BecomesReadyAsync()
        {
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(Ct);
                Assert.NotNull(line);
            }
            while (!line.Contains("Now listening", StringComparison.Ordinal));

            // It writes lines for each request, and stops if they are not read.
            output = Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(CancellationToken.None),
                process.StandardError.ReadToEndAsync(CancellationToken.None));
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            await output;
            process.Dispose();
            Http.Dispose();
        }
    }
}
