using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Servers;

/// <summary>All servers that are measured.</summary>
internal static class Peers
{
    /// <summary>The name of our own.</summary>
    public const string Ours = "authserver";

    /// <summary>The name of our own without metrics, to tell what they cost.</summary>
    public const string Bare = "authserver-bare";

    /// <summary>The name of our own that sends its metrics and traces, likewise.</summary>
    public const string Sending = "authserver-otlp";

    /// <summary>The folder of the scripts.</summary>
    public const string NodeFolder = "tests/AuthServer.Benchmarks.Peers/Node";

    private const string Password = "Correct-horse-4-battery";

    private static readonly Template AnyRefresh = Template.PostJson("/refresh", """{"refreshToken":"{token}"}""");

    // What tutorials have their routes look like.
    private static readonly Api Tutorial = new()
    {
        Ready = Template.Get("/ready"),
        Register = user => ByName("/register", user),
        Login = user => ByName("/login", user),
        Refresh = AnyRefresh,
        Private = Template.GetAsBearer("/me"),
    };

    private static readonly Peer OurServer = new()
    {
        Name = Ours,
        Title = "AuthServer",
        Project = "src/AuthServer",
        Program = "AuthServer",
        Settings = data => new() { ["Data__Directory"] = data, ["RateLimits__Enabled"] = "false" },
        WorkFactorVariable = "Passwords__WorkFactor",
        Api = new()
        {
            Ready = Template.Get("/health/ready"),
            Register = user => ByName("/register", user),
            Login = user => ByName("/login", user),
            Refresh = AnyRefresh,
            Private = Template.GetAsBearer("/me"),
            AccessTokenUse = TimeSpan.FromSeconds(12),
        },
    };

    public static IReadOnlyList<Peer> All { get; } =
    [
        OurServer,
        OurServer with
        {
            Name = Bare,
            Title = "AuthServer without metrics",
            Settings = data => new(OurServer.Settings(data)) { ["OTEL_SDK_DISABLED"] = "true" },
            Works = ["refresh64"],
        },
        OurServer with
        {
            Name = Sending,
            Title = "AuthServer, metrics and traces sent by OTLP",
            Settings = data => new(OurServer.Settings(data))
            {
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = $"{OtlpSink.Address}/v1/metrics",
                ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{OtlpSink.Address}/v1/traces",
            },
            Works = ["refresh64"],
        },
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
                Ready = Template.Get("/ready"),
                Register = user => ByEmail("/register", user),
                Login = user => ByEmail("/login", user),
                Refresh = AnyRefresh,
                Private = Template.GetAsBearer("/me"),
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
                Ready = Template.Get("/ready"),
                Register = user => ByEmail("/register", user),
                Login = user => Template.PostForm(
                    "/connect/token", $"grant_type=password&username={Uri.EscapeDataString(user)}&password={Password}&scope=offline_access"),
                Refresh = Template.PostForm("/connect/token", "grant_type=refresh_token&refresh_token={token}"),
                AccessTokenMember = "\"access_token\""u8.ToArray(),
                RefreshTokenMember = "\"refresh_token\""u8.ToArray(),
                Private = Template.GetAsBearer("/me"),
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
                Ready = Template.Get("/ready"),
                Register = user => Template.PostJson(
                    "/api/auth/sign-up/email", $$"""{"name":"{{user}}","email":"{{user}}","password":"{{Password}}"}"""),
                Login = user => ByEmail("/api/auth/sign-in/email", user),
                Refresh = Template.GetAsBearer("/api/auth/get-session"),
                RefreshTokenMember = "\"token\""u8.ToArray(),
            },
        },
        new()
        {
            Name = "jwtbearer",
            Title = "JwtBearer as it comes",
            Project = "tests/AuthServer.Benchmarks.Peers/JwtBearer",
            Program = "Peers.JwtBearer",
            Api = new()
            {
                Ready = Template.Get("/ready"),
                Login = user => ByName("/login", user),
                Private = Template.GetAsBearer("/me"),
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
                Ready = Template.Get("/plaintext"),
                Refresh = Template.PostJson("/echo", $$"""{"refreshToken":"{{new string('x', 72)}}"}"""),
                Private = Template.Get("/plaintext"),
            },
        },
    ];

    /// <summary>The server of a name.</summary>
    public static Peer Find(string name) => All.Single(peer => peer.Name == name);

    private static Template ByName(string path, string user) =>
        Template.PostJson(path, $$"""{"username":"{{user}}","password":"{{Password}}"}""");

    private static Template ByEmail(string path, string user) =>
        Template.PostJson(path, $$"""{"email":"{{user}}","password":"{{Password}}"}""");

    private static Dictionary<string, string> Database(string data) => new()
    {
        ["ConnectionStrings__Peer"] = $"Data Source={Path.Combine(data, "peer.db")}",
        ["KeyFolder"] = data,
    };
}
