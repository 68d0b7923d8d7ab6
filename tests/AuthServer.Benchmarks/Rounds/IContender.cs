namespace AuthServer.Benchmarks.Rounds;

/// <summary>A server, or a limit of servers, that takes part in a comparison.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Name in the report.</summary>
    string Title { get; }

    /// <summary>True if the contender can run a workload.</summary>
    bool Supports(Workload workload);

    /// <summary>Runs a workload for a time. Returns its metrics, the main one first.</summary>
    Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Workload workload, TimeSpan time, CancellationToken ct);
}
