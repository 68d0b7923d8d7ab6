namespace AuthServer.Benchmarks.Rounds;

/// <summary>The kinds of workload.</summary>
internal enum WorkloadKind
{
    /// <summary>Refreshes, each client in a closed loop on its own session.</summary>
    Refresh,

    /// <summary>GETs of a private route, in a closed loop.</summary>
    Private,

    /// <summary>Logins in a closed loop, with the work factor of production.</summary>
    Login,

    /// <summary>Private GETs and refreshes at a fixed rate during a flood of logins.</summary>
    Flood,

    /// <summary>Starts of the server.</summary>
    Start,
}

/// <summary>A workload that contenders are measured with.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Title">Name in the report.</param>
/// <param name="Kind">Kind of the requests.</param>
/// <param name="Connections">Number of clients.</param>
/// <param name="MinimumRounds">Minimum number of rounds for a meaningful median.</param>
internal sealed record Workload(string Name, string Title, WorkloadKind Kind, int Connections, int MinimumRounds = 1)
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("refresh1", "Refresh, 1 connection", WorkloadKind.Refresh, 1),
        new("refresh16", "Refresh, 16 connections", WorkloadKind.Refresh, 16),
        new("refresh64", "Refresh, 64 connections", WorkloadKind.Refresh, 64),
        new("refresh256", "Refresh, 256 connections", WorkloadKind.Refresh, 256),
        new("private64", "Private GET, 64 connections", WorkloadKind.Private, 64),
        new("login", "Login, 8 connections", WorkloadKind.Login, 8),
        new("flood", "Logins of 8 clients beside 400 private GETs and 100 refreshes per second", WorkloadKind.Flood, 8),
        new("start", "Start to the first 200, with an existing database", WorkloadKind.Start, 1, MinimumRounds: 10),
    ];

    /// <summary>True if passwords are hashed with the work factor of production.</summary>
    public bool UsesProductionHashing => Kind is WorkloadKind.Login or WorkloadKind.Flood;
}
