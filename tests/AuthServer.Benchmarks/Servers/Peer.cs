using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Servers;

/// <summary>A server to measure: its project, its settings and its requests.</summary>
internal sealed record Peer
{
    /// <summary>Name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>Name in the report.</summary>
    public required string Title { get; init; }

    /// <summary>Folder of the project, relative to the root of the repository.</summary>
    public required string Project { get; init; }

    /// <summary>File name of the published program.</summary>
    public required string Program { get; init; }

    /// <summary>True if the program is a script that node runs.</summary>
    public bool IsScript => Program.EndsWith(".mjs", StringComparison.Ordinal);

    public required PeerApi Api { get; init; }

    /// <summary>Names of the workloads to measure; null for all that the server supports.</summary>
    public IReadOnlyList<string>? Workloads { get; init; }

    /// <summary>Creates the environment variables, given the data folder.</summary>
    public Func<string, Dictionary<string, string>> Settings { get; init; } = _ => [];

    /// <summary>Environment variable of the bcrypt work factor; null if the server does not hash with bcrypt.</summary>
    public string? WorkFactorVariable { get; init; }
}
