namespace AuthServer.Benchmarks.Rounds;

/// <summary>Median, minimum and maximum of a metric over the rounds.</summary>
internal readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}

/// <summary>All measured values, in the order of measurement.</summary>
internal sealed class Samples
{
    private readonly OrderedDictionary<(string Workload, string Contender, string Metric), List<double>> values = [];

    /// <summary>Descriptions of contenders that failed a workload and were removed from it.</summary>
    public IList<string> Failures { get; } = [];

    public void Add(string workload, string contender, IEnumerable<(string Metric, double Value)> round)
    {
        foreach (var (metric, value) in round)
        {
            if (!values.TryGetValue((workload, contender, metric), out var rounds))
            {
                values.Add((workload, contender, metric), rounds = []);
            }

            rounds.Add(value);
        }
    }

    public Spread? Find(string workload, string contender, string metric) =>
        values.TryGetValue((workload, contender, metric), out var rounds) ? Spread.Of(rounds) : null;

    public IEnumerable<string> MetricsOf(string workload) =>
        values.Keys.Where(key => key.Workload == workload).Select(key => key.Metric).Distinct();

    public IEnumerable<string> ContendersOf(string workload) =>
        values.Keys.Where(key => key.Workload == workload).Select(key => key.Contender).Distinct();
}
