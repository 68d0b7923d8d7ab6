using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Servers;

/// <summary>A server that is measured: where its project is, how it is set, how it is asked.</summary>
internal sealed record Peer
{
    /// <summary>What the command line calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What the report calls it.</summary>
    public required string Title { get; init; }

    /// <summary>The project's folder in the repository.</summary>
    public required string Project { get; init; }

    /// <summary>The program in the published folder; a script where it ends in <c>.mjs</c>.</summary>
    public required string Program { get; init; }

    /// <summary>Whether node runs it.</summary>
    public bool IsScript => Program.EndsWith(".mjs", StringComparison.Ordinal);

    public required Api Api { get; init; }

    /// <summary>The names of the works that it takes part in; null for all that it can do.</summary>
    public IReadOnlyList<string>? Works { get; init; }

    /// <summary>Environment variables, given the folder for its data.</summary>
    public Func<string, Dictionary<string, string>> Settings { get; init; } = _ => [];

    /// <summary>The environment variable for the work factor of bcrypt; null where passwords are hashed otherwise or not at all.</summary>
    public string? WorkFactorVariable { get; init; }
}
