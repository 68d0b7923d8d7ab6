using AuthServer.Client.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthServer.Client.Tests;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<AuthServerClientOptions>> Wrong => new()
    {
        { "ServerAddress", options => options.ServerAddress = null },
        { "ServerAddress", options => options.ServerAddress = new Uri("/auth", UriKind.Relative) },
        { "ServerAddress", options => options.ServerAddress = new Uri("ftp://auth.example.com") },
        { "ServerAddress", options => options.ServerAddress = new Uri("https://auth.example.com?tenant=1") },
        { "Origins", options => options.Origins.Add(new Uri("api.example.com", UriKind.Relative)) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_option_is_named_in_one_sentence(string named, Action<AuthServerClientOptions> wrong)
    {
        var services = new ServiceCollection();
        services.AddAuthServerClient(options =>
        {
            options.ServerAddress = StubServer.Address;
            wrong(options);
        });
        using var provider = services.BuildServiceProvider();
        var refusal = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<AuthServerClient>);
        Assert.StartsWith($"AuthServerClientOptions.{named} must be ", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registration_of_readme_needs_no_other_service()
    {
        var services = new ServiceCollection();
        services.AddAuthServerClient(options => options.ServerAddress = StubServer.Address);
        services.AddHttpClient("api").AddAuthServerTokens();
        var strict = new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true };
        await using var provider = services.BuildServiceProvider(strict);
        var auth = provider.GetRequiredService<AuthServerClient>();
        Assert.False(await auth.IsLoggedInAsync(TestContext.Current.CancellationToken));
        Assert.IsType<MemoryTokenStore>(provider.GetRequiredService<ITokenStore>());
        Assert.NotNull(provider.GetRequiredService<IHttpClientFactory>().CreateClient("api"));
    }

    [Fact]
    public async Task Registration_returns_builder_of_client_to_server()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(404, "not_found")) };
        var agents = new List<string>();
        var services = new ServiceCollection();
        services.AddAuthServerClient(options => options.ServerAddress = StubServer.Address)
            .ConfigureHttpClient(http => http.DefaultRequestHeaders.UserAgent.ParseAdd("mine/1"))
            .ConfigurePrimaryHttpMessageHandler(() => server)
            .AddHttpMessageHandler(() => new Recorder(agents));
        await using var provider = services.BuildServiceProvider();
        var auth = provider.GetRequiredService<AuthServerClient>();
        await auth.LoginAsync("ada", "secret", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuthServerException>(() => auth.GetMeAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["mine/1", "mine/1"], agents);
    }

    [Fact]
    public async Task User_agent_names_client_version_and_platform()
    {
        using var server = new StubServer();
        var agents = new List<string>();
        var services = new ServiceCollection();
        services.AddAuthServerClient(options => options.ServerAddress = StubServer.Address)
            .ConfigurePrimaryHttpMessageHandler(() => server)
            .AddHttpMessageHandler(() => new Recorder(agents));
        await using var provider = services.BuildServiceProvider();
        var auth = provider.GetRequiredService<AuthServerClient>();
        await auth.LoginAsync("ada", "secret", cancellationToken: TestContext.Current.CancellationToken);
        var version = typeof(AuthServerClient).Assembly.GetName().Version!;
        Assert.Matches($@"^AuthServer\.Client/{version.ToString(3)} \((Linux|Windows|macOS)\)$", Assert.Single(agents));
    }

    private sealed class Recorder(List<string> agents) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            agents.Add(request.Headers.UserAgent.ToString());
            return base.SendAsync(request, cancellationToken);
        }
    }
}
