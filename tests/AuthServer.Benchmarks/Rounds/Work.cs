namespace AuthServer.Benchmarks.Rounds;

/// <summary>The kinds of work.</summary>
internal enum WorkKind
{
    /// <summary>Refreshes, each client in a closed loop on its own session.</summary>
    Refresh,

    /// <summary>GETs of a private route, in a closed loop.</summary>
    Private,

    /// <summary>Logins in a closed loop, with passwords hashed as in production.</summary>
    Login,

    /// <summary>Private GETs and refreshes at a fixed rate while logins flood.</summary>
    Flood,

    /// <summary>Starts of the server.</summary>
    Start,
}

/// <summary>What contenders are measured at.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Title">What the report calls it.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Connections">How many clients do it.</param>
/// <param name="LeastRounds">Rounds it takes at least to mean something.</param>
internal sealed record Work(string Name, string Title, WorkKind Kind, int Connections, int LeastRounds = 1)
{
    public static IReadOnlyList<Work> All { get; } =
    [
        new("refresh1", "Refresh, 1 connection", WorkKind.Refresh, 1),
        new("refresh16", "Refresh, 16 connections", WorkKind.Refresh, 16),
        new("refresh64", "Refresh, 64 connections", WorkKind.Refresh, 64),
        new("refresh256", "Refresh, 256 connections", WorkKind.Refresh, 256),
        new("private64", "Private GET, 64 connections", WorkKind.Private, 64),
        new("login", "Login, 8 connections", WorkKind.Login, 8),
        new("flood", "8 clients log in, 400 private GETs and 100 refreshes a second are due", WorkKind.Flood, 8),
        new("start", "Start to the first 200, database already there", WorkKind.Start, 1, LeastRounds: 10),
    ];

    /// <summary>Whether passwords are hashed at the work factor of production.</summary>
    public bool HashesAsInProduction => Kind is WorkKind.Login or WorkKind.Flood;
}
