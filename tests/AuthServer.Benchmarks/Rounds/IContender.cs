namespace AuthServer.Benchmarks.Rounds;

/// <summary>One of those that are compared.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>What the command line calls it.</summary>
    string Name { get; }

    /// <summary>What the report calls it.</summary>
    string Title { get; }

    /// <summary>Whether it can do a work.</summary>
    bool Takes(Work work);

    /// <summary>Does a work for a time. Returns values by what they are, the most telling first.</summary>
    Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Work work, TimeSpan time, CancellationToken ct);
}
