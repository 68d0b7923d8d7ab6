namespace AuthServer.Benchmarks.Rounds;

/// <summary>The values of one metric, one for each round.</summary>
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

/// <summary>Everything that was measured, in the order it came in.</summary>
internal sealed class Samples
{
    private readonly OrderedDictionary<(string Work, string Contender, string Metric), List<double>> values = [];

    /// <summary>What went wrong: contenders that left a work.</summary>
    public IList<string> Failures { get; } = [];

    public void Add(string work, string contender, IEnumerable<(string Metric, double Value)> round)
    {
        foreach (var (metric, value) in round)
        {
            if (!values.TryGetValue((work, contender, metric), out var rounds))
            {
                values.Add((work, contender, metric), rounds = []);
            }

            rounds.Add(value);
        }
    }

    public Spread? Find(string work, string contender, string metric) =>
        values.TryGetValue((work, contender, metric), out var rounds) ? Spread.Of(rounds) : null;

    public IEnumerable<string> MetricsOf(string work) =>
        values.Keys.Where(key => key.Work == work).Select(key => key.Metric).Distinct();

    public IEnumerable<string> ContendersOf(string work) =>
        values.Keys.Where(key => key.Work == work).Select(key => key.Contender).Distinct();
}
