using System.Text;
using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Servers;

/// <summary>All servers to measure: AuthServer and its peers.</summary>
internal static class Peers
{
    /// <summary>Name of AuthServer.</summary>
    public const string AuthServer = "authserver";

    /// <summary>Name of AuthServer without telemetry, which shows the cost of metrics.</summary>
    public const string WithoutTelemetry = "authserver-bare";

    /// <summary>Name of AuthServer with OTLP export, which shows the cost of the export.</summary>
    public const string WithOtlpExport = "authserver-otlp";

    /// <summary>Name of AuthServer with clients that have a session cookie and no tokens.</summary>
    public const string ByCookie = "authserver-cookie";

    /// <summary>Name of AuthServer that a proxy asks about requests to an application.</summary>
    public const string ForwardAuth = "authserver-forward";

    /// <summary>Folder of the scripts for node, relative to the root of the repository.</summary>
    public const string NodeFolder = "tests/AuthServer.Benchmarks.Peers/Node";

    private const string SessionCookie = "__Host-session=";

    private const string Password = "Correct-horse-4-battery";

    private static readonly RequestTemplate JsonRefresh = RequestTemplate.PostJson("/refresh", """{"refreshToken":"{token}"}""");

    // The usual routes in tutorials.
    private static readonly PeerApi Tutorial = new()
    {
        Ready = RequestTemplate.Get("/ready"),
        Register = user => ByName("/register", user),
        Login = user => ByName("/login", user),
        Refresh = JsonRefresh,
        Private = RequestTemplate.GetAsBearer("/me"),
    };

    private static readonly Peer DefaultAuthServer = new()
    {
        Name = AuthServer,
        Title = "AuthServer",
        Project = "src/AuthServer",
        Program = "AuthServer",
        Settings = data => new()
        {
            ["Data__Directory"] = data,
            ["RateLimits__Enabled"] = "false",

            // Clients share accounts. Beyond a limit of sessions, the logins of some would end the sessions of the others.
            ["Sessions__MaxPerUser"] = "0",
        },
        WorkFactorVariable = "Passwords__WorkFactor",
        Api = new()
        {
            Ready = RequestTemplate.Get("/health/ready"),
            Register = user => ByName("/register", user),
            Login = user => ByName("/login", user),
            Refresh = JsonRefresh,
            Private = RequestTemplate.GetAsBearer("/me"),
            AccessTokenRenewalAge = TimeSpan.FromSeconds(12),
        },
    };

    private static readonly PeerApi ByCookieApi = DefaultAuthServer.Api with
    {
        Login = user => RequestTemplate.PostJsonFromPage("/login?transport=session", CredentialsOf(user)),
        Refresh = null,
        Private = RequestTemplate.GetByCookie("/me", SessionCookie),
        SessionCookie = Encoding.ASCII.GetBytes(SessionCookie),
        AccessTokenRenewalAge = null,
    };

    // The workloads whose cost is mostly that of a signature or of its check.
    private static Peer With(string algorithm) => DefaultAuthServer with
    {
        Name = $"{AuthServer}-{algorithm.ToLowerInvariant()}",
        Title = $"AuthServer, {algorithm}",
        Settings = data => new(DefaultAuthServer.Settings(data)) { ["Tokens__Algorithm"] = algorithm },
        Workloads = ["refresh64", "refresh1", "private64"],
    };

    public static IReadOnlyList<Peer> All { get; } =
    [
        DefaultAuthServer,
        DefaultAuthServer with
        {
            Name = WithoutTelemetry,
            Title = "AuthServer without metrics",
            Settings = data => new(DefaultAuthServer.Settings(data)) { ["OTEL_SDK_DISABLED"] = "true" },
            Workloads = ["refresh64"],
        },
        DefaultAuthServer with
        {
            Name = WithOtlpExport,
            Title = "AuthServer, metrics and traces exported by OTLP",
            Settings = data => new(DefaultAuthServer.Settings(data))
            {
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = $"{OtlpSink.Address}/v1/metrics",
                ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{OtlpSink.Address}/v1/traces",
            },
            Workloads = ["refresh64"],
        },
        DefaultAuthServer with
        {
            Name = ByCookie,
            Title = "AuthServer, session cookies",
            Api = ByCookieApi,
            Workloads = ["private64"],
        },
        DefaultAuthServer with
        {
            Name = ForwardAuth,
            Title = "AuthServer, forward-auth",
            Settings = data => new(DefaultAuthServer.Settings(data))
            {
                ["ForwardAuth__Enabled"] = "true",
                ["Proxies__Known__0"] = "127.0.0.1",
            },
            Api = ByCookieApi with { Private = RequestTemplate.GetForProxy("/forward-auth", SessionCookie) },
            Workloads = ["private64"],
        },
        With("ES256"),
        With("RS256"),
        new()
        {
            Name = "textbook",
            Title = "Textbook minimal API",
            Project = "tests/AuthServer.Benchmarks.Peers/Textbook",
            Program = "Peers.Textbook",
            Settings = Database,
            WorkFactorVariable = "WorkFactor",
            Api = Tutorial,
        },
        new()
        {
            Name = "identity",
            Title = "Identity, MapIdentityApi",
            Project = "tests/AuthServer.Benchmarks.Peers/Identity",
            Program = "Peers.Identity",
            Settings = Database,
            Api = new()
            {
                Ready = RequestTemplate.Get("/ready"),
                Register = user => ByEmail("/register", user),
                Login = user => ByEmail("/login", user),
                Refresh = JsonRefresh,
                Private = RequestTemplate.GetAsBearer("/me"),
            },
        },
        new()
        {
            Name = "openiddict",
            Title = "OpenIddict",
            Project = "tests/AuthServer.Benchmarks.Peers/OpenIddict",
            Program = "Peers.OpenIddict",
            Settings = Database,
            Api = new()
            {
                Ready = RequestTemplate.Get("/ready"),
                Register = user => ByEmail("/register", user),
                Login = user => RequestTemplate.PostForm(
                    "/connect/token",
                    $"grant_type=password&username={Uri.EscapeDataString(user)}&password={Password}&scope=offline_access"),
                Refresh = RequestTemplate.PostForm("/connect/token", "grant_type=refresh_token&refresh_token={token}"),
                AccessTokenMember = "\"access_token\""u8.ToArray(),
                RefreshTokenMember = "\"refresh_token\""u8.ToArray(),
                Private = RequestTemplate.GetAsBearer("/me"),
            },
        },
        new()
        {
            Name = "express",
            Title = "Express, jsonwebtoken, better-sqlite3",
            Project = NodeFolder,
            Program = "express.mjs",
            Settings = data => new() { ["DATA"] = data },
            WorkFactorVariable = "WORK_FACTOR",
            Api = Tutorial,
        },
        new()
        {
            Name = "better-auth",
            Title = "better-auth, get-session with updateAge 0",
            Project = NodeFolder,
            Program = "better-auth.mjs",
            Settings = data => new() { ["DATA"] = data },
            Api = new()
            {
                Ready = RequestTemplate.Get("/ready"),
                Register = user => RequestTemplate.PostJson(
                    "/api/auth/sign-up/email", $$"""{"name":"{{user}}","email":"{{user}}","password":"{{Password}}"}"""),
                Login = user => ByEmail("/api/auth/sign-in/email", user),
                Refresh = RequestTemplate.GetAsBearer("/api/auth/get-session"),
                RefreshTokenMember = "\"token\""u8.ToArray(),
            },
        },
        new()
        {
            Name = "jwtbearer",
            Title = "JwtBearer with defaults",
            Project = "tests/AuthServer.Benchmarks.Peers/JwtBearer",
            Program = "Peers.JwtBearer",
            Api = new()
            {
                Ready = RequestTemplate.Get("/ready"),
                Login = user => ByName("/login", user),
                Private = RequestTemplate.GetAsBearer("/me"),
            },
        },
        new()
        {
            Name = "kestrel",
            Title = "Kestrel alone: JSON echo, plaintext",
            Project = "tests/AuthServer.Benchmarks.Peers/Kestrel",
            Program = "Peers.Kestrel",
            Api = new()
            {
                Ready = RequestTemplate.Get("/plaintext"),
                Refresh = RequestTemplate.PostJson("/echo", $$"""{"refreshToken":"{{new string('x', 72)}}"}"""),
                Private = RequestTemplate.Get("/plaintext"),
            },
        },
    ];

    /// <summary>Returns the server with a name.</summary>
    public static Peer Find(string name) => All.Single(peer => peer.Name == name);

    private static RequestTemplate ByName(string path, string user) => RequestTemplate.PostJson(path, CredentialsOf(user));

    private static string CredentialsOf(string user) => $$"""{"username":"{{user}}","password":"{{Password}}"}""";

    private static RequestTemplate ByEmail(string path, string user) =>
        RequestTemplate.PostJson(path, $$"""{"email":"{{user}}","password":"{{Password}}"}""");

    private static Dictionary<string, string> Database(string data) => new()
    {
        ["ConnectionStrings__Peer"] = $"Data Source={Path.Combine(data, "peer.db")}",
        ["KeyFolder"] = data,
    };
}
