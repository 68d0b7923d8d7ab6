namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A server with another provider to log in by, which is away.</summary>
public sealed class ServerWithProvider : RunningServer
{
    /// <summary>Settings of the provider <c>acme</c>.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["ExternalLogins:Providers:acme:Type"] = "oauth",
        ["ExternalLogins:Providers:acme:ClientId"] = "authserver",
        ["ExternalLogins:Providers:acme:AuthorizationEndpoint"] = "http://localhost:1/authorize",
        ["ExternalLogins:Providers:acme:TokenEndpoint"] = "http://localhost:1/token",
        ["ExternalLogins:Providers:acme:UserInfoEndpoint"] = "http://localhost:1/user",
    };

    protected override IReadOnlyDictionary<string, string> Variables =>
        Settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
}
