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
        { "Grace", options => options.Grace = TimeSpan.FromSeconds(-1) },
        { "Grace", options => options.Grace = TimeSpan.FromMinutes(5.1) },
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
    public async Task Registration_of_the_readme_works_with_nothing_else_registered()
    {
        var services = new ServiceCollection();
        services.AddAuthServerClient(options => options.ServerAddress = StubServer.Address);
        services.AddHttpClient("api").AddAuthServerTokens();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Assert.False(await provider.GetRequiredService<AuthServerClient>().IsSignedInAsync(TestContext.Current.CancellationToken));
        Assert.IsType<MemoryTokenStore>(provider.GetRequiredService<ITokenStore>());
        Assert.NotNull(provider.GetRequiredService<IHttpClientFactory>().CreateClient("api"));
    }

    [Fact]
    public async Task Client_to_the_server_is_configured_by_what_the_registration_returns()
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
    public async Task List_of_sessions_shows_a_program()
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
        Assert.Matches(
            $@"^AuthServer\.Client/{version.Major}\.{version.Minor}\.{version.Build} \((Linux|Windows|macOS)\)$", Assert.Single(agents));
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
